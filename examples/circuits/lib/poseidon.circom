pragma circom 2.2.0;

include "poseidon-constants.circom";

// Poseidon (Grassi, Khovratovich, Rechberger, Roy, Schofnegger, ePrint 2019/458) over the BN254 scalar field,
// width 5, S-box x^5, 8 full and 60 partial rounds: four field elements in, one out. With domain 0 it is the
// hash known as "poseidon(4)" in the Ethereum ecosystem.
//
// The linear layers are kept as linear expressions, so only the S-boxes cost: 3 constraints each, 300 in all.
template Poseidon4(domain) {
    var width = 5;
    var full = 8;
    var partial = 60;
    signal input in[4];
    signal output out;

    var constants[340] = poseidon_round_constants();
    var matrix[5][5] = poseidon_matrix();

    var boxes = full * width + partial;
    signal square[boxes];
    signal fourth[boxes];
    signal fifth[boxes];

    var state[5] = [domain, in[0], in[1], in[2], in[3]];
    var box = 0;
    for (var round = 0; round < full + partial; round++) {
        var inner = round >= full \ 2 && round < full \ 2 + partial;
        for (var i = 0; i < width; i++) {
            state[i] += constants[round * width + i];
            if (i == 0 || !inner) {
                square[box] <== state[i] * state[i];
                fourth[box] <== square[box] * square[box];
                fifth[box] <== fourth[box] * state[i];
                state[i] = fifth[box];
                box++;
            }
        }
        var mixed[5];
        for (var i = 0; i < width; i++) {
            mixed[i] = 0;
            for (var j = 0; j < width; j++) {
                mixed[i] += matrix[i][j] * state[j];
            }
        }
        state = mixed;
    }
    out <== state[0];
}
