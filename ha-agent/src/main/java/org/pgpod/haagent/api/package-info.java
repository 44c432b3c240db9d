/**
 * What the agent tells people and load balancers, and what people may ask of it: REST with Patroni's paths, fields and
 * status codes. Roles are computed from the token at the moment of the request.
 */
@NullMarked
package org.pgpod.haagent.api;

import org.jspecify.annotations.NullMarked;
