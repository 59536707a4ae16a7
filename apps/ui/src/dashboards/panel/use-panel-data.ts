import { useEffect, useEffectEvent, useState } from "react";
import { noData, type PanelData } from "../query/panel-data.ts";
import { feedPanel, type FeedInput } from "./panel-feed.ts";

/** What a panel's answer depends on, besides its width. */
export type PanelRequest = Omit<FeedInput, "width">;

/**
 * What a panel shows, asked again with another request. A panel out of sight asks nothing; one that is asked again shows
 * what it has meanwhile.
 */
export function usePanelData(request: PanelRequest, width: number, isAsked: boolean): PanelData {
  const [answered, setAnswered] = useState<{ request: PanelRequest | undefined; data: PanelData }>({
    request: undefined,
    data: noData,
  });
  const isMeasured = width > 0;
  const ask = useEffectEvent((asked: PanelRequest, signal: AbortSignal) => {
    feedPanel({ ...asked, width }, answered.data, signal).then(
      (data) => {
        if (!signal.aborted) setAnswered({ request: asked, data });
      },
      () => undefined,
    );
  });
  useEffect(() => {
    if (!isAsked || !isMeasured) return;
    const control = new AbortController();
    ask(request, control.signal);
    return () => control.abort();
  }, [request, isAsked, isMeasured]);
  const isLoading = isAsked && answered.request !== request;
  return answered.data.isLoading === isLoading ? answered.data : { ...answered.data, isLoading };
}
