// The CNI plugin of type `netloom`: hands its request to the node agent over a unix socket and prints the answer.
//
// Only Glibc and the JSON target: no Foundation, no concurrency, no argument parser; it starts in about half a millisecond
// and everything that takes thought is in the agent, which is warm. Every failure is a CNI error on standard output.

import Glibc

exit(Shim().run())
