package org.pgpod.haagent.decide;

/** What one topic makes of an observation: the next action, why, and what to remember. */
record Step(Action action, Reason reason, Memory memory) {
    static Step act(Action action, Reason.Code why, Memory memory) {
        return new Step(action, Reason.of(why), memory);
    }

    static Step act(Action action, Reason.Code why, String detail, Memory memory) {
        return new Step(action, Reason.of(why, detail), memory);
    }

    static Step rest(Reason.Code why, Memory memory) {
        return new Step(new Action.Nothing(), Reason.of(why), memory);
    }

    static Step rest(Reason.Code why, String detail, Memory memory) {
        return new Step(new Action.Nothing(), Reason.of(why, detail), memory);
    }
}
