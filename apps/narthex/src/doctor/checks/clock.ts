import type { Check } from "../check.ts";
import { ok, warning } from "../finding.ts";

/** An error of the clock from which on samples and alerts are told at a wrong time. */
const MAX_ERROR_SECONDS = 1;

const KEEP = "timedatectl set-ntp true, or start chrony; in a container on the host around it";

/** Is the clock kept by something? Samples of a clock that jumps are lost, and alerts come late. */
export const clock: Check = {
  name: "clock",
  about: "whether the kernel's clock is synchronised",
  async run({ machine }) {
    const state = await machine.clockState();
    if (state === undefined) return [warning("whether the clock is synchronised cannot be told here", "timedatectl status")];
    if (!state.isSynchronized) return [warning("nothing keeps the clock of this machine: it is not synchronised", KEEP)];
    const error = `${state.maxErrorSeconds.toFixed(3)} s`;
    if (state.maxErrorSeconds > MAX_ERROR_SECONDS) {
      return [warning(`the clock is synchronised, but may be up to ${error} off`, `see why (chronyc tracking, timedatectl timesync-status), or: ${KEEP}`)];
    }
    return [ok(`the clock is synchronised, up to ${error} off`)];
  },
};
