/** An experiment: its whole configuration, how it runs, and the directory it leaves. */
package dev.fedtiny.experiment;
