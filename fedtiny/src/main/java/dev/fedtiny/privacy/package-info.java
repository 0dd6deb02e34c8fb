/**
 * What privacy is made of, known to nothing else: key agreement, masks, shares of secrets and the graph of neighbours for secure
 * aggregation; the Gaussian mechanism and its accountant for differential privacy. All of it on the JDK alone.
 */
package dev.fedtiny.privacy;
