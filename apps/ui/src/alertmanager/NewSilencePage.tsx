import { useTimeZone } from "../shell/time-zone.ts";
import { useState } from "react";
import { useLocation } from "react-router";
import { useRoleHint } from "../shell/ForRole.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { EmptyMessage, LoadingMessage } from "../shell/StatusMessage.tsx";
import { nowMs } from "../time/browser-clock.ts";
import { useMayChange } from "../shell/viewer.ts";
import { useAuthor } from "./author.ts";
import { SilenceForm } from "./SilenceForm.tsx";
import { newDraft } from "./silence-draft.ts";
import { BackLink } from "./BackLink.tsx";

/** The form at `/silences/new?filter=…&comment=…`. */
export default function NewSilencePage() {
  const { search } = useLocation();
  const creator = useAuthor();
  const mayChange = useMayChange();
  const hint = useRoleHint("editor");
  return (
    <>
      <BackLink />
      <PageHeader title="New silence" />
      {creator === undefined ? (
        <LoadingMessage />
      ) : mayChange ? (
        <Form key={search} creator={creator} />
      ) : (
        <EmptyMessage title="You may not create silences">{hint}.</EmptyMessage>
      )}
    </>
  );
}

function Form({ creator }: { creator: string }) {
  const { search } = useLocation();
  const zone = useTimeZone();
  const [initial] = useState(() => newDraft(search, { nowMs: nowMs(), zone, creator }));
  return <SilenceForm initial={initial} />;
}
