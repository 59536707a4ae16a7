import { formatDuration } from "@narthex/model";
import type { Check, DoctorContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import { ReachError } from "../network/network.ts";
import { knownTargets } from "../known-targets.ts";
import { mapConcurrently } from "../map-concurrently.ts";

/** Maximum acceptable clock error, in seconds. With a larger error, samples and alerts have wrong times. */
const MAX_ERROR_SECONDS = 1;
/**
 * Maximum accepted difference from another clock, ms. Smaller differences are normal, because Date headers contain
 * whole seconds and take time to arrive.
 */
const MAX_DIFFERENCE_MS = 5000;
/** Largest number of other machines whose clocks are compared. */
const MAX_OTHERS = 3;

const KEEP = "timedatectl set-ntp true, or start chrony; for a container, do this on its host";

/** Checks that the clock is synchronised. If the clock jumps, samples are lost and alerts are late. */
export const clock: Check = {
  name: "clock",
  about: "whether the kernel's clock is synchronised, or else its difference from the clocks of targets",
  async run(context) {
    const state = await context.machine.clockState();
    if (state?.isSynchronized === true) {
      const off = `${state.maxErrorSeconds.toFixed(3)} s`;
      if (state.maxErrorSeconds <= MAX_ERROR_SECONDS) return [ok(`the clock is synchronised, up to ${off} off`)];
      const look = "see why (chronyc tracking, timedatectl timesync-status), or";
      return [warning(`the clock is synchronised, but may be up to ${off} off`, `${look}: ${KEEP}`)];
    }
    const what =
      state === undefined
        ? warning("it is unknown whether the clock is synchronised", "timedatectl status, on the host itself")
        : warning("the clock of this machine is not synchronised", KEEP);
    return [what, ...(await differences(context))];
  },
};

/**
 * Compares the local clock with the clocks of some other machines, which send the time in the Date header of HTTP
 * responses.
 */
async function differences(context: DoctorContext): Promise<readonly Finding[]> {
  const { network, timeoutMs } = context;
  const { prometheus } = await context.configurations();
  const targets = prometheus.flatMap(({ verdict }) => knownTargets(verdict.config));
  const reachable = targets.filter(({ url }) => URL.canParse(url));
  const others = new Map(reachable.map((target) => [new URL(target.url).hostname, target]));
  for (const own of ["localhost", "127.0.0.1", "[::1]"]) others.delete(own);
  const findings = await mapConcurrently([...others].slice(0, MAX_OTHERS), async ([host, { url, job }]) => {
    try {
      const { date } = await network.get(url, { client: job.httpClient, timeoutMs, maxBytes: 1 });
      return Number.isNaN(date) ? [] : [differenceFinding(host, context.clock.now() - date)];
    } catch (failure) {
      // Ignores an unreachable machine, because the check `targets` reports it.
      if (failure instanceof ReachError) return [];
      throw failure;
    }
  });
  return findings.flat();
}

function differenceFinding(host: string, differenceMs: number): Finding {
  const size = Math.round(Math.abs(differenceMs) / 1000) * 1000;
  if (size <= MAX_DIFFERENCE_MS) return ok(`the clock agrees with the clock of ${host}`);
  const side = differenceMs > 0 ? "ahead of" : "behind";
  return error(
    `the clock is ${formatDuration(size)} ${side} the clock of ${host}`,
    `${KEEP}; or the clock of ${host} is wrong`,
  );
}
