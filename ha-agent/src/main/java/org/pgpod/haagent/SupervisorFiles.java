package org.pgpod.haagent;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.act.SupervisorMailbox;
import org.pgpod.haagent.model.StorageState;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.ToolProgress;
import org.pgpod.haagent.model.VolumeState;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SupervisorAnswer;
import org.pgpod.haagent.model.port.SupervisorPort;
import org.pgpod.haagent.observe.SupervisorReader;

/** The supervisor over its files: one side reads its state, the other puts requests into its mailbox. */
record SupervisorFiles(SupervisorReader reader, SupervisorMailbox mailbox) implements SupervisorPort {
    @Override
    public Reading<SupervisorState> readState() {
        return reader.readState();
    }

    @Override
    public Reading<VolumeState> readVolume() {
        return reader.readVolume();
    }

    @Override
    public Reading<StorageState> readStorage() {
        return reader.readStorage();
    }

    @Override
    public Optional<ToolProgress> readProgress(SupervisorState state) {
        return reader.readProgress(state);
    }

    @Override
    public SupervisorAnswer perform(SupervisorRequest request, Duration timeout) {
        return mailbox.perform(request, timeout);
    }

    @Override
    public Effect send(SupervisorRequest request) {
        return mailbox.send(request);
    }
}
