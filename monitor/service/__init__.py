"""The program as a service of systemd on this machine: its unit, its user, its folders."""
