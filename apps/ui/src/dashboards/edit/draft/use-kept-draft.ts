import { useDebouncedCallback } from "@mantine/hooks";
import { useCallback, useEffect, useState } from "react";
import { nowMs } from "../../../time/browser-clock.ts";
import type { Draft } from "./draft.ts";
import { forgetDraft, keepDraft, type KeptDraft, readKeptDraft } from "./kept-drafts.ts";

/** How long nobody may change anything until the draft is kept, ms. */
const PAUSE_MS = 400;

/** Changes of an earlier visit, until they are taken up or thrown away. */
interface FoundDraft {
  readonly kept: KeptDraft | undefined;
  /** They are part of the draft from now on. */
  readonly takeUp: () => void;
  readonly forget: () => void;
}

/**
 * Keeps the changes of a draft in this browser, and finds those of an earlier visit. Whoever makes others without a word about
 * those that were found loses neither.
 */
export function useKeptDraft(uid: string, isWanted: boolean, draft: Draft): FoundDraft {
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
  const keep = useDebouncedCallback((now: Draft, earlier: KeptDraft | undefined) => void store(uid, now, earlier), {
    delay: PAUSE_MS,
    flushOnUnmount: true,
  });
  useEffect(() => {
    // Until it is known what an earlier visit left, nothing is put in its place.
    if (isRead && isTouched) keep(draft, kept);
  }, [isRead, isTouched, draft, keep, kept]);
  useEffect(() => {
    const flush = (): void => keep.flush();
    // The browser asks before it leaves, if it asks at all: the draft is kept by then.
    for (const event of ["beforeunload", "pagehide"]) addEventListener(event, flush);
    return () => {
      for (const event of ["beforeunload", "pagehide"]) removeEventListener(event, flush);
    };
  }, [keep]);
  const takeUp = useCallback(() => setKept(kept?.earlier), [kept]);
  const forget = useCallback(() => {
    setKept(kept?.earlier);
    if (!isTouched) void store(uid, draft, kept?.earlier);
  }, [uid, isTouched, draft, kept]);
  return { kept, takeUp, forget };
}

/** Keeps the changes of this visit, and with them those of an earlier one. */
function store(uid: string, { isDirty, json }: Draft, kept: KeptDraft | undefined): Promise<unknown> {
  if (!isDirty) return kept === undefined ? forgetDraft(uid) : keepDraft(kept);
  const own = { uid, version: json["version"], json, at: nowMs() };
  return keepDraft(kept === undefined ? own : { ...own, earlier: withoutEarlier(kept) });
}

/** Of changes that nobody took up for two visits, the last are kept. */
const withoutEarlier = ({ uid, version, json, at }: KeptDraft): KeptDraft => ({ uid, version, json, at });
