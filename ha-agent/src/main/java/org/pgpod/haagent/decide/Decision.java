package org.pgpod.haagent.decide;

import org.pgpod.haagent.model.MemberStatus;

/**
 * What follows from one observation.
 *
 * @param action what to do now, if nothing else is being done
 * @param reason why
 * @param token what the token should say
 * @param status what our member Lease should say
 * @param memory what the next decision must know
 */
public record Decision(Action action, Reason reason, TokenWish token, MemberStatus status, Memory memory) {}
