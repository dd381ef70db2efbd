"""What the city decides: settings, policy packs, the working-day calendar. Ground floor: imports no other
room.
"""
