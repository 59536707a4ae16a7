import { useTimeZone } from "../shell/time-zone.ts";
import { useMemo } from "react";
import { useLocation } from "react-router";
import { PageHeader } from "../shell/PageHeader.tsx";
import { readStored } from "../shell/preferences.ts";
import { nowMs } from "../time/browser-clock.ts";
import { creatorKey, SilenceForm } from "./SilenceForm.tsx";
import { newDraft } from "./silence-draft.ts";
import { BackLink } from "./BackLink.tsx";

/** The form at `/silences/new?filter=…&comment=…`. */
export default function NewSilencePage() {
  const { search } = useLocation();
  const zone = useTimeZone();
  const initial = useMemo(
    () => newDraft(search, { nowMs: nowMs(), zone, creator: readStored(creatorKey, "") }),
    [search, zone],
  );
  return (
    <>
      <BackLink />
      <PageHeader title="New silence" />
      <SilenceForm key={search} initial={initial} />
    </>
  );
}
