pragma circom 2.2.0;

// What a Poseidon hash is for. The number is the first word of the permutation's input (the capacity), so
// hashes made for one purpose say nothing in another. examples/lib/poseidon.ts has the same list.
function domain_account() { return 1; }
function domain_page() { return 2; }
function domain_node() { return 3; }
function domain_reporters() { return 4; }
function domain_feed() { return 5; }
function domain_challenge() { return 6; }
function domain_vrf_input() { return 7; }
function domain_vrf_output() { return 8; }
