# The machine that builds: core/include/bobbin/config.h as it stands.
set(BOBBIN_BOARD_DEFINITIONS "")
