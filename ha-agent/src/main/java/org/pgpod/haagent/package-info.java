@org.jspecify.annotations.NullMarked
package org.pgpod.haagent;
