/* The suite includes it for cmocka, whose stand-in beside this file never jumps; not every C library has it. */
