import type { AlertBehaviour } from "./alert-behaviour.ts";

/** Returns a behaviour as the JSON object of the API. Durations are in seconds. */
export const behaviourJson = ({ onNoData, data, recovery, damping, file, line }: AlertBehaviour) => ({
  ...(onNoData !== undefined && { onNoData }),
  ...(data !== undefined && { data: data.text }),
  ...(recovery !== undefined && { recovery: recovery.text }),
  ...(recovery?.threshold !== undefined && { recoveryThreshold: recovery.threshold }),
  ...(damping !== undefined && { flapDamping: { maxChanges: damping.maxChanges, window: damping.windowMs / 1000 } }),
  file,
  line,
});
