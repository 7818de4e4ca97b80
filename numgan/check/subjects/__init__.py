"""What is checked: functions and maps, layers, networks, objectives, penalties, games, optimizers
and the training loop, a file for each.

Functions and maps import no layer, so a researcher who checks a function pays for no GAN.
"""
