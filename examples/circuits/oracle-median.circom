pragma circom 2.2.0;

include "lib/bits.circom";
include "lib/domains.circom";
include "lib/median.circom";
include "lib/poseidon.circom";
include "lib/schnorr.circom";

// The median of n prices, each signed by its own reporter for one round of one feed.
//
// reporterSet commits to the n keys in order: a chain of Poseidon hashes, three keys a link, that starts from
// n. Who publishes a set answers for its keys being n different ones.
template OracleMedian(n) {
    signal input reporterSet;
    signal input feed;
    signal input round;

    signal input price[n];
    input Point() keyRoot[n];
    signal input nonce[n];
    signal input response[n];

    signal output median;

    component context = Poseidon4(domain_feed());
    context.in <== [feed, round, 0, 0];

    component signature[n];
    for (var i = 0; i < n; i++) {
        signature[i] = SchnorrSignature();
        signature[i].message <== [context.out, price[i]];
        signature[i].keyRoot <== keyRoot[i];
        signature[i].nonce <== nonce[i];
        signature[i].response <== response[i];
    }

    var links = (n + 2) \ 3;
    component link[links];
    for (var i = 0; i < links; i++) {
        link[i] = Poseidon4(domain_reporters());
        if (i == 0) { link[i].in[0] <== n; } else { link[i].in[0] <== link[i - 1].out; }
        for (var j = 0; j < 3; j++) {
            var member = 3 * i + j;
            if (member < n) { link[i].in[1 + j] <== signature[member].key; } else { link[i].in[1 + j] <== 0; }
        }
    }
    reporterSet === link[links - 1].out;

    component middle = Median(n, 64);
    middle.in <== price;
    median <== middle.out;
}

component main { public [reporterSet, feed, round] } = OracleMedian(3);
