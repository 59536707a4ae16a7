import { useInterval } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { nowMs } from "../time/browser-clock.ts";

/** The time, renewed once a second or slower, for ages that stay true while a page is open. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(nowMs);
  const { start, stop } = useInterval(() => setNow(nowMs()), everyMs);
  useEffect(() => {
    start();
    return stop;
  }, [start, stop]);
  return now;
}
