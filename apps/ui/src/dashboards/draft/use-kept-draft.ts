import { isSameJson } from "@narthex/dashboards";
import { useDebouncedCallback } from "@mantine/hooks";
import { useCallback, useEffect, useMemo, useState } from "react";
import { nowMs } from "../../time/browser-clock.ts";
import type { WrittenJson } from "./written-json.ts";
import type { Draft } from "./draft.ts";
import { type DraftOwner, forgetDrafts, storeDraft, type KeptDraft, readKeptDrafts } from "./kept-drafts.ts";

/** Delay after the last edit before the changes are stored, ms. */
const PAUSE_MS = 400;

const none: readonly KeptDraft[] = [];

/** Stored changes that were found, and functions to continue or discard them. */
interface FoundDraft {
  readonly kept: KeptDraft | undefined;
  /** Marks the found changes as part of the current draft, so that storing the draft replaces them. */
  readonly adopt: () => void;
  readonly forget: () => void;
  /** Removes the stored changes of the current draft. */
  readonly forgetOwn: () => Promise<void>;
}

/**
 * Stores the changes of a draft in this browser, and finds stored changes of earlier visits and of other open tabs.
 * Each visit stores its changes separately, so that new changes do not overwrite found ones.
 * @param owner undefined if the user may not change the dashboard, or is not known yet
 */
export function useKeptDraft(
  owner: DraftOwner | undefined,
  draft: Draft,
  written: WrittenJson | undefined,
): FoundDraft {
  const [visit] = useState(() => crypto.getRandomValues(new Uint32Array(3)).join("-"));
  const [found, setFound] = useState(none);
  const [taken, setTaken] = useState<readonly string[]>([]);
  useEffect(() => {
    if (owner === undefined) return;
    let isLeft = false;
    void readKeptDrafts(owner).then((drafts) => {
      if (!isLeft) setFound(drafts);
    });
    return () => void (isLeft = true);
  }, [owner]);
  const { base } = draft;
  const kept = useMemo(
    () => found.find((one) => one.written !== undefined || !isSameJson(one.json, base)),
    [found, base],
  );
  const [wasWritten, setWasWritten] = useState(false);
  if (written !== undefined && !wasWritten) setWasWritten(true);
  const isTouched = draft.past.length + draft.future.length > 0 || wasWritten;
  const keep = useDebouncedCallback(
    ({ isDirty, json }: Draft, text: WrittenJson | undefined, parts: readonly string[]) => {
      if (owner === undefined) return;
      const own = { visit, version: json["version"], json, written: text, at: nowMs() };
      void (isDirty || text !== undefined ? storeDraft(owner, own, parts) : forgetDrafts(owner, [visit, ...parts]));
    },
    { delay: PAUSE_MS, flushOnUnmount: true },
  );
  useEffect(() => {
    if (isTouched && owner !== undefined) keep(draft, written, taken);
  }, [isTouched, owner, draft, written, taken, keep]);
  useEffect(() => {
    const flush = (): void => keep.flush();
    // Stores the changes at the first of these two events, because a browser may leave the page without asking the
    // user.
    for (const event of ["beforeunload", "pagehide"]) addEventListener(event, flush);
    return () => {
      for (const event of ["beforeunload", "pagehide"]) removeEventListener(event, flush);
    };
  }, [keep]);
  const drop = useCallback((one: KeptDraft) => setFound((all) => all.filter((other) => other !== one)), []);
  const adopt = useCallback(() => {
    if (kept === undefined) return;
    drop(kept);
    setTaken((before) => [...before, kept.visit]);
  }, [kept, drop]);
  const forget = useCallback(() => {
    if (kept === undefined || owner === undefined) return;
    drop(kept);
    void forgetDrafts(owner, [kept.visit]);
  }, [owner, kept, drop]);
  const forgetOwn = useCallback(
    async () => (owner === undefined ? undefined : forgetDrafts(owner, [visit, ...taken])),
    [owner, visit, taken],
  );
  return { kept, adopt, forget, forgetOwn };
}
