pragma circom 2.2.0;

include "bits.circom";

// The average of a value observed n times, each observation holding until the next:
// with d_i = time[i + 1] - time[i],
//     average = floor( sum value[i] d_i / (time[n - 1] - time[0]) ).
// Checks that values are below 2^64, times below 2^32, and that times strictly increase. The last value ends
// the window and has no weight. All sums stay below 2^100, far from the field order.
template TimeWeightedAverage(n) {
    signal input value[n];
    signal input time[n];
    signal output average;

    component valueRange[n];
    component timeRange[n];
    for (var i = 0; i < n; i++) {
        valueRange[i] = Below(64);
        valueRange[i].in <== value[i];
        timeRange[i] = Below(32);
        timeRange[i].in <== time[i];
    }

    component increases[n - 1];
    signal weighted[n - 1];
    var total = 0;
    for (var i = 0; i < n - 1; i++) {
        increases[i] = Below(32);
        increases[i].in <== time[i + 1] - time[i] - 1;
        weighted[i] <== value[i] * (time[i + 1] - time[i]);
        total += weighted[i];
    }

    // total = average * elapsed + remainder with 0 <= remainder < elapsed determines both.
    var elapsed = time[n - 1] - time[0];
    average <-- total \ elapsed;
    signal remainder <== total - average * elapsed;
    component averageRange = Below(64);
    averageRange.in <== average;
    component remainderRange = Below(32);
    remainderRange.in <== remainder;
    component remainderBelow = Below(32);
    remainderBelow.in <== elapsed - 1 - remainder;
}
