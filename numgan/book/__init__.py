"""The annotated source as a book of static pages: mathematics at the left, the code that it speaks
of at the right.

Data flow one way, and each module is one stage:

    collect    source        the files, read and parsed
               derivation    its sections, and the labelled equations in them
               rows, cells   a module as passages of prose and code; a chapter likewise
               outputs       what a chapter prints and draws, if it is run
    link       labels        where a label is written: E18, dL5, R{dL5}, E1-E6
               links         where every label, file, line and name stands in the book
               search        what a search finds
    render     mathml, breaks, prose, docstring, highlight     each turns one kind of text into HTML
               frame, pages                            pages made of them
    write      write         whole files into a folder of their own
               notebook      the chapters for Jupyter

Nothing of the source is imported, it is only read, with `ast`; so a book can be made of a tree that
does not run.
"""
