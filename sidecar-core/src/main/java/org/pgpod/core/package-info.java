@org.jspecify.annotations.NullMarked
package org.pgpod.core;
