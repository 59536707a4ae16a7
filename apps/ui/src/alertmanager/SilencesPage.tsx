import { Button, Checkbox, Group, Stack, Tabs, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { alertmanager, silencesKey } from "../api/alertmanager.ts";
import type { Silence } from "../api/alertmanager.ts";
import { ApiError } from "../api/request.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { VirtualList } from "../shell/VirtualList.tsx";
import { LinkedText } from "../shell/LinkedText.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../shell/StatusMessage.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { useMayChange } from "../shell/viewer.ts";
import { useToggleSet } from "../shell/use-toggle-set.ts";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { ExpireButton, ExpireSilences } from "./ExpireSilences.tsx";
import { ExtendSilence } from "./ExtendSilence.tsx";
import { SilenceButton } from "./SilenceButton.tsx";
import { MatcherBar } from "./MatcherBar.tsx";
import { formatMatcher, formatMatchers, parseMatchers } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { Matchers } from "./Matchers.tsx";
import { silenceMatchers } from "./silence-draft.ts";
import { recreateLink, silenceLink } from "./silence-links.ts";
import { Card } from "../shell/Card.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./SilencesPage.module.css";

const css = classesOf(styles);

const refreshMs = 15_000;
const states = ["active", "pending", "expired"] as const;

function Time({ word, text }: { word: string; text: string }) {
  const zone = useTimeZone();
  const unixMs = parseApiTime(text);
  return (
    <Text size="xs" c="dimmed" title={unixMs === null ? "" : formatInstantWithZone(unixMs, zone)}>
      {word} <RelativeTime unixMs={unixMs} />
    </Text>
  );
}

function Actions({ silence, onExpire }: { silence: Silence; onExpire: () => void }) {
  const mayChange = useMayChange();
  const link = (to: string, word: string) => (
    <Button size="compact-sm" variant="subtle" component={Link} to={to}>
      {word}
    </Button>
  );
  return (
    <Group gap={4} wrap="wrap">
      {link(`/silences/${silence.id}`, "View")}
      {silence.status.state === "expired" ? (
        mayChange && link(recreateLink(silence), "Recreate")
      ) : (
        <>
          {mayChange && link(`/silences/${silence.id}/edit`, "Edit")}
          <ExtendSilence silence={silence} />
          <ExpireButton variant="subtle" onClick={onExpire} />
        </>
      )}
    </Group>
  );
}

function SilenceItem({
  silence,
  isChosen,
  onChoose,
  onExpire,
}: {
  silence: Silence;
  isChosen: boolean;
  onChoose: () => void;
  onExpire: () => void;
}) {
  const mayChange = useMayChange();
  return (
    <article className={css("silence")}>
      <Group justify="space-between" gap="sm" align="flex-start">
        <Group gap="sm" wrap="nowrap" align="flex-start" className="grow">
          {silence.status.state !== "expired" && mayChange && (
            <Checkbox
              size="xs"
              mt={3}
              aria-label={`Choose: ${silence.comment}`}
              checked={isChosen}
              onChange={onChoose}
            />
          )}
          <Matchers matchers={silenceMatchers(silence)} />
        </Group>
        <Actions silence={silence} onExpire={onExpire} />
      </Group>
      <Text size="sm" className="wrap-anywhere" component="div">
        <LinkedText text={silence.comment} />
      </Text>
      <Group gap="md">
        <Text size="xs" c="dimmed">
          by {silence.createdBy}
        </Text>
        <Time word={silence.status.state === "pending" ? "starts" : "started"} text={silence.startsAt} />
        <Time word={silence.status.state === "expired" ? "ended" : "ends"} text={silence.endsAt} />
        {Object.entries(silence.annotations ?? {}).map(([name, text]) => (
          <Text key={name} size="xs" c="dimmed" component="div">
            {name}: <LinkedText text={text} />
          </Text>
        ))}
      </Group>
    </article>
  );
}

function SilenceTabs({ silences }: { silences: readonly Silence[] }) {
  const first = states.find((state) => silences.some((one) => one.status.state === state)) ?? "active";
  const [expiring, setExpiring] = useState<readonly Silence[]>([]);
  const chosen = useToggleSet();
  const chosenSilences = silences.filter((one) => one.status.state !== "expired" && chosen.has(one.id));
  return (
    <Tabs defaultValue={first} keepMounted={false}>
      <Tabs.List mb="sm">
        {states.map((state) => (
          <Tabs.Tab key={state} value={state} tt="capitalize">
            {state} ({silences.filter((one) => one.status.state === state).length})
          </Tabs.Tab>
        ))}
        {chosenSilences.length > 0 && (
          <Button ml="auto" size="compact-sm" color="red" variant="light" onClick={() => setExpiring(chosenSilences)}>
            Expire {chosenSilences.length} chosen
          </Button>
        )}
      </Tabs.List>
      {states.map((state) => {
        const shown = silences.filter((one) => one.status.state === state);
        return (
          <Tabs.Panel key={state} value={state}>
            {shown.length === 0 && <EmptyMessage title={`No ${state} silences`} />}
            <Stack gap="sm">
              <VirtualList
                items={shown}
                keyOf={(one) => one.id}
                render={(one) => (
                  <SilenceItem
                    silence={one}
                    isChosen={chosen.has(one.id)}
                    onChoose={() => chosen.toggle(one.id)}
                    onExpire={() => setExpiring([one])}
                  />
                )}
              />
            </Stack>
          </Tabs.Panel>
        );
      })}
      {expiring.length > 0 && (
        <ExpireSilences silences={expiring} onClose={() => setExpiring([])} onDone={() => chosen.set([])} />
      )}
    </Tabs>
  );
}

/** Lists all silences, or only the silences with the matchers in the page's address. */
export default function SilencesPage() {
  const { search } = useLocation();
  const navigate = useNavigate();
  const matchers = parseMatchers(new URLSearchParams(search).get("filter") ?? "") ?? [];
  const filter = matchers.map(formatMatcher);
  const result = useRefreshedQuery({
    queryKey: [...silencesKey, ...filter],
    queryFn: ({ signal }) => alertmanager.silences(filter, signal),
    refetchInterval: (query) => (query.state.status === "error" ? false : refreshMs),
    placeholderData: keepPreviousData,
  });
  const change = (next: readonly Matcher[]): void => {
    const text = next.length === 0 ? "" : `?filter=${encodeURIComponent(formatMatchers(next))}`;
    void navigate({ pathname: "/silences", search: text });
  };
  const absent = result.error instanceof ApiError && result.error.status === 404;
  return (
    <>
      <PageHeader title="Silences" />
      <Card p="sm" mb="sm">
        <MatcherBar
          label="Filter silences"
          matchers={matchers}
          onChange={change}
          action={
            <SilenceButton to={silenceLink(matchers)} icon={IconPlus} size="sm" variant="filled">
              New silence
            </SilenceButton>
          }
        />
      </Card>
      {result.isPending && <LoadingMessage label="Loading silences" />}
      {absent && (
        <EmptyMessage title="This server has no silences">
          Its API has no path for silences. Alerts and status are not affected.
        </EmptyMessage>
      )}
      {result.isError && !absent && <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />}
      {result.data !== undefined && <SilenceTabs silences={result.data} />}
    </>
  );
}
