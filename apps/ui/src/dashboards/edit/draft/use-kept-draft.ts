import { useDebouncedCallback } from "@mantine/hooks";
import { useCallback, useEffect, useState } from "react";
import { nowMs } from "../../../time/browser-clock.ts";
import type { Draft } from "./draft.ts";
import { forgetDraft, keepDraft, type KeptDraft, readKeptDraft } from "./kept-drafts.ts";

/** How long nobody may change anything until the draft is kept, ms. */
const PAUSE_MS = 400;

/** Keeps the changes of a draft in this browser, and finds those of an earlier visit. */
export function useKeptDraft(
  uid: string,
  isWanted: boolean,
  draft: Draft,
): { readonly kept: KeptDraft | undefined; readonly forget: () => void } {
  const [kept, setKept] = useState<KeptDraft>();
  const [isRead, setRead] = useState(false);
  useEffect(() => {
    if (!isWanted) return;
    let isLeft = false;
    void readKeptDraft(uid).then((found) => {
      if (isLeft) return;
      setKept(found);
      setRead(true);
    });
    return () => void (isLeft = true);
  }, [uid, isWanted]);
  const isTouched = draft.past.length + draft.future.length > 0;
  const keep = useDebouncedCallback(
    ({ isDirty, json }: Draft) =>
      void (isDirty ? keepDraft({ uid, version: json["version"], json, at: nowMs() }) : forgetDraft(uid)),
    { delay: PAUSE_MS, flushOnUnmount: true },
  );
  useEffect(() => {
    // Until it is known what an earlier visit left, nothing is put in its place.
    if (isRead && isTouched) keep(draft);
  }, [isRead, isTouched, draft, keep]);
  useEffect(() => {
    const flush = (): void => keep.flush();
    // The browser asks before it leaves, if it asks at all: the draft is kept by then.
    for (const event of ["beforeunload", "pagehide"]) addEventListener(event, flush);
    return () => {
      for (const event of ["beforeunload", "pagehide"]) removeEventListener(event, flush);
    };
  }, [keep]);
  const forget = useCallback(() => {
    setKept(undefined);
    void forgetDraft(uid);
  }, [uid]);
  return { kept, forget };
}
