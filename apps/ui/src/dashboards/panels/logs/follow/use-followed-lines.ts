import type { Frame, Panel } from "@narthex/dashboards";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { nowMs, everySecond } from "../../../../time/browser-clock.ts";
import { useHostDashboard } from "../../../data/host-dashboard.ts";
import { sendQueries } from "../../../data/query-client.ts";
import { FollowedLines, followedQueries, type SendFollowing } from "./followed-lines.ts";

/** Time from the start of a poll to the start of the next one, ms. */
const POLL_MS = 2000;

interface Following {
  /** The panel's frames, and while the panel follows its queries, the lines that have arrived. */
  readonly frames: readonly Frame[];
  readonly isOn: boolean;
  /** Starts or stops; undefined if no query of the panel can be followed. */
  readonly toggle: (() => void) | undefined;
  /** Why the last poll failed. Undefined if it has not. */
  readonly error: string | undefined;
}

/**
 * Follows the log queries of a panel: while it is on and the page is visible, new lines are requested every two seconds.
 */
export function useFollowedLines(panel: Panel, given: readonly Frame[]): Following {
  const { requestOf } = useHostDashboard();
  const queriesNow = useEffectEvent(() => (requestOf === undefined ? [] : followedQueries(requestOf(panel))));
  const [isOn, setOn] = useState(false);
  const [shown, setShown] = useState<readonly Frame[]>(given);
  const [error, setError] = useState<string>();
  const start = useRef(given);
  useEffect(() => {
    if (!isOn) return;
    const lines = new FollowedLines(send, start.current);
    const control = new AbortController();
    let isRunning = false;
    let next = 0;
    const poll = async (): Promise<void> => {
      const now = nowMs();
      if (isRunning || now < next || document.visibilityState === "hidden") return;
      isRunning = true;
      next = now + POLL_MS;
      try {
        await lines.poll(queriesNow(), now, control.signal);
        if (control.signal.aborted) return;
        setShown(lines.frames);
        setError(undefined);
      } catch (failure) {
        if (!control.signal.aborted) setError(failure instanceof Error ? failure.message : String(failure));
      }
      isRunning = false;
    };
    void poll();
    const stop = everySecond(() => void poll());
    return () => {
      stop();
      control.abort();
    };
  }, [isOn]);
  const canFollow = useMemo(() => requestOf !== undefined && isFollowable(requestOf, panel), [requestOf, panel]);
  const toggle = (): void => {
    start.current = given;
    setShown(given);
    setError(undefined);
    setOn(!isOn);
  };
  return { frames: isOn ? shown : given, isOn, toggle: canFollow ? toggle : undefined, error };
}

/** Reports whether a query of the panel can be followed. Returns false for a panel with an invalid query. */
function isFollowable(requestOf: NonNullable<ReturnType<typeof useHostDashboard>["requestOf"]>, panel: Panel): boolean {
  try {
    return followedQueries(requestOf(panel)).length > 0;
  } catch {
    return false;
  }
}

const send: SendFollowing = async (queries, range, signal) => {
  const answers = [...(await sendQueries(queries, range, signal)).values()];
  const failed = answers.find(({ error }) => error !== undefined);
  if (failed !== undefined) throw new Error(failed.error);
  return answers.flatMap(({ frames }) => frames);
};
