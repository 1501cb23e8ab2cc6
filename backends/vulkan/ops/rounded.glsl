// Rows of activations rounded to int8 per 16 values: per 32 values (a group) three pieces of 16 bytes,
// namely the int8 of 0 .. 15, those of 16 .. 31, and {scale of either half as float, sum over both of
// scale times its int8, the sums of the int8 of either half as two 16-bit numbers}.
const uint GROUP_PIECES = 3;
