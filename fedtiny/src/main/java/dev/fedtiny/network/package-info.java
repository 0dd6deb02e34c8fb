/** What server and devices agree on when they speak over the network: requests, keys, signatures, fingerprints of certificates. */
package dev.fedtiny.network;
