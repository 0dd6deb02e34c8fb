/** One convolution made ready for the kernels: where its maps lie in scratch, and its weights in the forms the kernels read. */
package dev.fedtiny.engine.internal.conv;
