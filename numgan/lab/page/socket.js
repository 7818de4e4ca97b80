// One connection to the lab: commands out, answers in, and back again after a lost connection.

const OPEN = 1; // readyState of a connection that carries messages

// A WebSocket to the server that the page came from. In a notebook the page stands in a frame of
// the widget (widget.js), and the frame has a connection that looks like one.
function connection() {
  const widget = window.frameElement?.connection;
  if (widget) return widget();
  const address = new URL("ws", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.search = location.search;
  return new WebSocket(address.href);
}

export class Lab {
  constructor() {
    Object.assign(this, {
      ears: {},
      waiting: new Map(),
      number: 0,
      wait: 250,
      state: null,
      hello: null,
    });
  }

  // f is called with every answer of a kind; "open" and "shut" tell of the connection.
  on(kind, f) {
    (this.ears[kind] ||= []).push(f);
    return this;
  }
  tell(kind, message) {
    for (const f of this.ears[kind] || []) f(message);
  }

  connect() {
    const socket = (this.socket = connection());
    socket.onopen = () => {
      this.wait = 250;
      this.tell("open");
    };
    socket.onmessage = event => this.hear(JSON.parse(event.data));
    socket.onclose = () => {
      for (const { reject } of this.waiting.values()) reject(new Error("shut"));
      this.waiting.clear();
      this.tell("shut");
      setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(2 * this.wait, 4000);
    };
  }

  hear(message) {
    if (message.kind === "hello") this.hello = message;
    if (message.kind === "state") this.state = message;
    const asked = this.waiting.get(message.id);
    if (asked && message.kind !== "state" && message.kind !== "frame") {
      this.waiting.delete(message.id);
      if (message.kind === "error")
        asked.reject(Object.assign(new Error(message.text), { told: true }));
      else asked.resolve(message);
    }
    this.tell(message.kind, message);
  }

  // Send a command; its answer is heard by `on`.
  send(command) {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(command));
  }

  // Send a command and have its own answer; an error of the lab is thrown, and told to everybody.
  ask(command) {
    const id = ++this.number;
    return new Promise((resolve, reject) => {
      if (this.socket?.readyState !== OPEN) return reject(new Error("shut"));
      this.waiting.set(id, { resolve, reject });
      this.send({ ...command, id });
    });
  }

  // Do it, and leave the rest to those who listen.
  do(name, fields = {}) {
    return this.ask({ do: name, ...fields }).catch(() => null);
  }
}
