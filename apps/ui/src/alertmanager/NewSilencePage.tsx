import { useMemo } from "react";
import { useLocation } from "react-router";
import { PageHeader } from "../shell/PageHeader.tsx";
import { readStored, usePreferences } from "../shell/preferences.ts";
import { nowMs } from "../time/browser-clock.ts";
import { creatorKey, SilenceForm } from "./SilenceForm.tsx";
import { newDraft } from "./silence-draft.ts";
import { WayBack } from "./WayBack.tsx";

/** The form of `/silences/new?filter=…&comment=…`. */
export default function NewSilencePage() {
  const { search } = useLocation();
  const { useLocalTime } = usePreferences();
  const initial = useMemo(
    () => newDraft(search, { nowMs: nowMs(), local: useLocalTime, creator: readStored(creatorKey, "") }),
    [search, useLocalTime],
  );
  return (
    <>
      <WayBack />
      <PageHeader title="New silence" />
      <SilenceForm key={search} initial={initial} />
    </>
  );
}
