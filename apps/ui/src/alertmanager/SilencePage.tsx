import { Group, SimpleGrid, Text } from "@mantine/core";
import { IconBellOff, IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useLocation, useParams } from "react-router";
import { alertmanager, silencesKey } from "../api/alertmanager.ts";
import type { Silence } from "../api/alertmanager.ts";
import { ApiError } from "../api/request.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { KeyValueTable } from "../shell/KeyValueTable.tsx";
import { LinkedText } from "../shell/LinkedText.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../shell/StatusMessage.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { AffectedAlerts } from "./AffectedAlerts.tsx";
import { ExpireButton, ExpireSilences } from "./ExpireSilences.tsx";
import { ExtendSilence } from "./ExtendSilence.tsx";
import { Matchers } from "./Matchers.tsx";
import { SilenceButton } from "./SilenceButton.tsx";
import { SilenceForm } from "./SilenceForm.tsx";
import { draftOf, silenceMatchers } from "./silence-draft.ts";
import { recreateLink } from "./silence-links.ts";
import { withBackLink } from "./back-link.ts";
import { BackLink } from "./BackLink.tsx";

function SilenceDetails({ silence }: { silence: Silence }) {
  const zone = useTimeZone();
  const time = (text: string) => {
    const unixMs = parseApiTime(text);
    if (unixMs === null) return "–";
    return (
      <>
        {formatInstantWithZone(unixMs, zone)} (<RelativeTime unixMs={unixMs} />)
      </>
    );
  };
  return (
    <KeyValueTable
      title="Silence"
      icon={<IconBellOff size={18} />}
      entries={[
        ["Matchers", <Matchers key="matchers" matchers={silenceMatchers(silence)} />],
        ["State", silence.status.state],
        ["Starts", time(silence.startsAt)],
        ["Ends", time(silence.endsAt)],
        ["Changed", time(silence.updatedAt)],
        ["Creator", silence.createdBy],
        ["Comment", <LinkedText key="comment" text={silence.comment} />],
        ...Object.entries(silence.annotations ?? {}).map(
          ([name, text]) => [name, <LinkedText key={name} text={text} />] as const,
        ),
        ["ID", <code key="id">{silence.id}</code>],
      ]}
    />
  );
}

function Actions({ silence }: { silence: Silence }) {
  const { search } = useLocation();
  const [expiring, setExpiring] = useState(false);
  if (silence.status.state === "expired") {
    return <SilenceButton to={recreateLink(silence)}>Recreate</SilenceButton>;
  }
  return (
    <Group gap="xs">
      <ExtendSilence silence={silence} />
      <SilenceButton to={withBackLink(`/silences/${silence.id}/edit`, search)} icon={IconPencil}>
        Edit
      </SilenceButton>
      <ExpireButton variant="light" onClick={() => setExpiring(true)} />
      {expiring && <ExpireSilences silences={[silence]} onClose={() => setExpiring(false)} />}
    </Group>
  );
}

/** Page that shows a silence (`/silences/<id>`) or its form (`/silences/<id>/edit`). */
export default function SilencePage({ isEdited }: { isEdited: boolean }) {
  const { id = "" } = useParams();
  const zone = useTimeZone();
  const result = useRefreshedQuery({
    queryKey: [...silencesKey, "one", id],
    queryFn: ({ signal }) => alertmanager.silence(id, signal),
    retry: false,
    // Stops the automatic refresh while the user edits the form.
    refetchInterval: isEdited ? false : 15_000,
    refetchOnWindowFocus: !isEdited,
  });
  const title = isEdited ? "Edit silence" : "Silence";
  if (result.isPending) return <LoadingMessage label="Loading the silence" />;
  if (result.error instanceof ApiError && [404, 422].includes(result.error.status)) {
    return (
      <>
        <PageHeader title={title} />
        <EmptyMessage title={`No silence has the id ${id}`}>
          <Text component={Link} to="/silences" size="sm">
            All silences
          </Text>
        </EmptyMessage>
      </>
    );
  }
  if (result.data === undefined) return <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />;
  const silence = result.data;
  return (
    <>
      <BackLink />
      <Group justify="space-between" align="flex-start">
        <PageHeader title={title}>{isEdited ? silence.comment : ""}</PageHeader>
        {!isEdited && <Actions silence={silence} />}
      </Group>
      {isEdited ? (
        <SilenceForm key={id} initial={draftOf(silence, zone)} />
      ) : (
        <SimpleGrid cols={{ base: 1, lg: 2 }} className="top-aligned">
          <SilenceDetails silence={silence} />
          <AffectedAlerts matchers={silenceMatchers(silence)} />
        </SimpleGrid>
      )}
    </>
  );
}
