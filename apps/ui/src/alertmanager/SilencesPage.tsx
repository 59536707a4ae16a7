import { Ago } from "../shell/Ago.tsx";
import { Button, Group, Stack, Tabs, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useParams } from "react-router";
import { alertmanager } from "../api/alertmanager.ts";
import type { Silence } from "../api/alertmanager.ts";
import { ApiError } from "../api/request.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { ConfirmModal } from "../shell/ConfirmModal.tsx";
import { GradualList } from "../shell/GradualList.tsx";
import { PageHead } from "../shell/PageHead.tsx";
import { EmptyRemark, ErrorRemark, LoadingRemark, errorSentence } from "../shell/Remark.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { formatMatcher, parseMatchers } from "./matcher-filter.ts";
import type { MatchOperator } from "./matcher-filter.ts";

const refreshMs = 15_000;
const states = ["active", "pending", "expired"] as const;

function operatorOf(matcher: Silence["matchers"][number]): MatchOperator {
  if (matcher.isEqual === false) return matcher.isRegex ? "!~" : "!=";
  return matcher.isRegex ? "=~" : "=";
}

function Time({ word, text }: { word: string; text: string }) {
  const { useLocalTime } = usePreferences();
  const unixMs = parseApiTime(text);
  return (
    <Text size="xs" c="dimmed" title={unixMs === null ? "" : formatInstantWithZone(unixMs, useLocalTime)}>
      {word} <Ago unixMs={unixMs} />
    </Text>
  );
}

function SilenceItem({ silence, onExpire }: { silence: Silence; onExpire: () => void }) {
  return (
    <article className="rule card silence">
      <Group justify="space-between" gap="sm">
        <span className="labels">
          {silence.matchers.map((matcher) => {
            const text = formatMatcher({ ...matcher, operator: operatorOf(matcher) });
            return (
              <span key={text} className="label-tag">
                {text}
              </span>
            );
          })}
        </span>
        {silence.status.state !== "expired" && (
          <Button size="compact-sm" variant="subtle" color="red" onClick={onExpire}>
            Expire
          </Button>
        )}
      </Group>
      <Text size="sm" className="wrap-anywhere">
        {silence.comment}
      </Text>
      <Group gap="md">
        <Text size="xs" c="dimmed">
          by {silence.createdBy}
        </Text>
        <Time word={silence.status.state === "pending" ? "starts" : "started"} text={silence.startsAt} />
        <Time word={silence.status.state === "expired" ? "ended" : "ends"} text={silence.endsAt} />
        <Text size="xs" c="dimmed" className="mono wrap-anywhere">
          {silence.id}
        </Text>
      </Group>
    </article>
  );
}

function SilenceTabs({ silences }: { silences: readonly Silence[] }) {
  const client = useQueryClient();
  const first = states.find((state) => silences.some((one) => one.status.state === state)) ?? "active";
  const [expiring, setExpiring] = useState<Silence | null>(null);
  const expire = useMutation({
    mutationFn: (id: string) => alertmanager.expireSilence(id),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["silences"] }),
    onError: (error) => notifications.show({ color: "red", title: "Expiring failed", message: errorSentence(error) }),
  });
  return (
    <Tabs defaultValue={first} keepMounted={false}>
      <Tabs.List mb="sm">
        {states.map((state) => (
          <Tabs.Tab key={state} value={state} tt="capitalize">
            {state} ({silences.filter((one) => one.status.state === state).length})
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {states.map((state) => {
        const shown = silences.filter((one) => one.status.state === state);
        return (
          <Tabs.Panel key={state} value={state}>
            {shown.length === 0 && <EmptyRemark title={`No ${state} silences`} />}
            <Stack gap="sm">
              <GradualList
                items={shown}
                keyOf={(one) => one.id}
                render={(one) => <SilenceItem silence={one} onExpire={() => setExpiring(one)} />}
              />
            </Stack>
          </Tabs.Panel>
        );
      })}
      {expiring !== null && (
        <ConfirmModal
          title="Expire silence?"
          action="Expire"
          onClose={() => setExpiring(null)}
          onConfirm={() => expire.mutate(expiring.id)}
        >
          Its alerts notify again at once: {expiring.comment}
        </ConfirmModal>
      )}
    </Tabs>
  );
}

/** The silences that match a link's filter, or the one whose id it names. */
export default function SilencesPage() {
  const { id } = useParams();
  const { search } = useLocation();
  const filter = (parseMatchers(new URLSearchParams(search).get("filter") ?? "") ?? []).map(formatMatcher);
  const result = useQuery({
    queryKey: ["silences", ...filter],
    queryFn: ({ signal }) => alertmanager.silences(filter, signal),
    refetchInterval: (query) => (query.state.status === "error" ? false : refreshMs),
  });
  const absent = result.error instanceof ApiError && result.error.status === 404;
  const shown = result.data?.filter((one) => id === undefined || one.id === id);
  return (
    <>
      <PageHead title="Silences" />
      {result.isPending && <LoadingRemark label="Loading silences" />}
      {absent && (
        <EmptyRemark title="This server offers no silences">
          Its API answers that it knows no path for them. Alerts and status are not affected.
        </EmptyRemark>
      )}
      {result.isError && !absent && <ErrorRemark error={result.error} onRetry={() => void result.refetch()} />}
      {shown !== undefined && id !== undefined && shown.length === 0 && (
        <EmptyRemark title={`No silence has the id ${id}`} />
      )}
      {shown !== undefined && (id === undefined || shown.length > 0) && <SilenceTabs key={id} silences={shown} />}
    </>
  );
}
