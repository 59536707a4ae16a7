import { showNotification } from "../shell/Notifications.tsx";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { Badge, Button, Group as Row, Stack, Text } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { IconAlertTriangle, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { pushgateway, statusQuery, groupsKey } from "../api/pushgateway.ts";
import { homePath, rootPath } from "../api/root-path.ts";
import { ConfirmModal } from "../shell/ConfirmModal.tsx";
import { EditorButton } from "../shell/EditorButton.tsx";
import { Collapsible } from "../shell/Collapsible.tsx";
import { VirtualList } from "../shell/VirtualList.tsx";
import { JobDashboardLink } from "../shell/JobDashboardLink.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { EmptyMessage, errorSentence, LoadingMessage } from "../shell/StatusMessage.tsx";
import { useViewerOfStack } from "../shell/viewer.ts";
import { SearchInput } from "../shell/SearchInput.tsx";
import { StateFilter } from "../shell/StateFilter.tsx";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { FamilyView } from "./FamilyView.tsx";
import { pushAddress } from "./push-address.ts";
import { filterGroups, groupLabels, readGroups } from "./pushed-group.ts";
import type { Group } from "./pushed-group.ts";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./GroupsTab.module.css";

const css = classesOf(styles);

const refreshMs = 10_000;
/** Number of groups above which the page refreshes less often, since the response has many megabytes. */
const manyGroups = 1000;
const manyRefreshMs = 60_000;

/** Returns the keys of the open cards. The browser stores them until the tab is closed. */
function useOpenCards() {
  const [open, setOpen] = useSessionStorage<string[]>({
    key: "pushgateway.open",
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  return {
    has: (key: string): boolean => open.includes(key),
    toggle: (key: string): void => setOpen(open.includes(key) ? open.filter((old) => old !== key) : [...open, key]),
  };
}

function useDelete<T>(deletion: (subject: T) => Promise<unknown>, done: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deletion,
    onSuccess: () => {
      showNotification({ message: done });
      void client.invalidateQueries({ queryKey: groupsKey });
    },
    onError: (error) => showNotification({ color: "red", title: "Deleting failed", message: errorSentence(error) }),
  });
}

function GroupTitle({ group }: { group: Group }) {
  return (
    <Row gap={5}>
      {groupLabels(group.labels).map(([name, value]) => (
        <Badge
          key={name}
          size="lg"
          variant="light"
          color={name === "job" ? "ember" : "fennel"}
          className={`mono ${css("label")}`}
        >
          {name}="{value}"
        </Badge>
      ))}
      {!group.successful && (
        <Badge color="red" variant="light" leftSection={<IconAlertTriangle size={12} aria-hidden />}>
          Last push failed!
        </Badge>
      )}
    </Row>
  );
}

function GroupCard({
  group,
  cards,
  onDelete,
}: {
  group: Group;
  cards: ReturnType<typeof useOpenCards>;
  onDelete: () => void;
}) {
  return (
    <Collapsible
      title={<GroupTitle group={group} />}
      summary={
        <>
          {group.families.length} metric names · last push <RelativeTime unixMs={group.pushedMs} />
          {group.expiresMs !== null && (
            <>
              {" "}
              · expires <RelativeTime unixMs={group.expiresMs} />
            </>
          )}
        </>
      }
      accent={group.successful ? "fennel" : "red"}
      open={cards.has(group.key)}
      onToggle={() => cards.toggle(group.key)}
      actions={
        <>
          <JobDashboardLink job={group.labels["job"] ?? ""} />
          <EditorButton
            variant="subtle"
            color="red"
            size="compact-sm"
            m={8}
            aria-label="Delete Group"
            onClick={onDelete}
          >
            <IconTrash size={15} aria-hidden />
            <span className="wide-only">&nbsp;Delete Group</span>
          </EditorButton>
        </>
      }
    >
      <Stack gap={6} p="xs">
        {group.families.map(([name, family]) => {
          const key = `${group.key}\n${name}`;
          return (
            <FamilyView
              key={name}
              name={name}
              family={family}
              open={cards.has(key)}
              onToggle={() => cards.toggle(key)}
            />
          );
        })}
      </Stack>
    </Collapsible>
  );
}

/** Says how to push the first group. Within the dashboards, the page's own address is not that of the Pushgateway. */
function NoGroups() {
  const isOwnPage = homePath === undefined;
  const { data, isPending } = useQuery({ ...statusQuery, enabled: !isOwnPage });
  const { url, isOnItsHost } = isOwnPage
    ? { url: location.origin + rootPath, isOnItsHost: false }
    : pushAddress(data?.data.flags ?? {});
  if (!isOwnPage && isPending) return <LoadingMessage label="Loading the address of the Pushgateway" />;
  return (
    <EmptyMessage title="No groups pushed yet">
      {url === undefined ? (
        <>
          Push one to the path <code>/metrics/job/some_job</code> of the Pushgateway’s own address.
        </>
      ) : (
        <>
          {isOnItsHost ? "On the host of the Pushgateway, push one with" : "Push one with"}
          <pre className={css("command")}>
            {`echo "some_metric 3.14" | curl --data-binary @- ${url}/metrics/job/some_job`}
          </pre>
        </>
      )}
    </EmptyMessage>
  );
}

function Groups({ groups, adminApi }: { groups: readonly Group[]; adminApi: boolean }) {
  const cards = useOpenCards();
  const [search, setSearch] = useState("");
  const [states, setStates] = useState<"failed"[]>([]);
  const [deleting, setDeleting] = useState<Group | "all" | null>(null);
  const deleteOne = useDelete((group: Group) => pushgateway.deleteGroup(group.labels), "Group deleted");
  const deleteAll = useDelete(() => pushgateway.deleteAll(), "All groups deleted");
  const searched = useDeferredValue(search);
  const failed = useMemo(() => groups.filter(({ successful }) => !successful).length, [groups]);
  const onlyFailed = states.includes("failed");
  const shown = useMemo(() => filterGroups(groups, searched, onlyFailed), [groups, searched, onlyFailed]);
  if (groups.length === 0) return <NoGroups />;
  return (
    <Stack gap="sm">
      <Row justify="space-between" gap="sm">
        <Row gap="sm" flex={1}>
          <SearchInput label="Filter by label or metric name" value={search} onChange={setSearch} />
          <StateFilter label="Last push" states={["failed"]} chosen={states} counts={{ failed }} onChange={setStates} />
          <Text size="sm" c="dimmed">
            {shown.length === groups.length ? "" : `${shown.length} of `}
            {groups.length} {groups.length === 1 ? "group" : "groups"}
          </Text>
        </Row>
        {adminApi && (
          <Button
            color="red"
            variant="light"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={() => setDeleting("all")}
          >
            Delete All {groups.length} Groups
          </Button>
        )}
      </Row>
      {shown.length === 0 && <EmptyMessage title="No group matches" />}
      <VirtualList
        items={shown}
        keyOf={(group) => group.key}
        render={(group) => <GroupCard group={group} cards={cards} onDelete={() => setDeleting(group)} />}
      />
      {deleting === "all" && (
        <ConfirmModal
          title="Delete all groups?"
          action="Delete all"
          onClose={() => setDeleting(null)}
          onConfirm={() => deleteAll.mutate(undefined)}
        >
          All metrics of all {groups.length} groups will be deleted. They return only when they are pushed again.
        </ConfirmModal>
      )}
      {deleting !== null && deleting !== "all" && (
        <ConfirmModal
          title="Delete group?"
          action="Delete"
          onClose={() => setDeleting(null)}
          onConfirm={() => deleteOne.mutate(deleting)}
        >
          <GroupTitle group={deleting} />
          <Text size="sm" mt="sm">
            Its metrics return only when they are pushed again.
          </Text>
        </ConfirmModal>
      )}
    </Stack>
  );
}

export function GroupsTab() {
  const groups = useRefreshedQuery({
    queryKey: groupsKey,
    queryFn: ({ signal }) => pushgateway.groups(signal),
    refetchInterval: ({ state }) => ((state.data?.data.length ?? 0) > manyGroups ? manyRefreshMs : refreshMs),
    // Turns off the comparison of new and old responses, which would take longer for many megabytes than rendering
    // again.
    structuralSharing: false,
  });
  const read = useMemo(() => readGroups(groups.data?.data ?? []), [groups.data]);
  const status = useQuery(statusQuery);
  // Among the dashboards, only administrators may delete all groups.
  const isAdmin = useViewerOfStack()?.isOrgAdmin !== false;
  const adminApi = isAdmin && status.data?.data.flags["web.enable-admin-api"] === "true";
  return (
    <Loaded result={groups} label="Loading groups">
      {() => <Groups groups={read} adminApi={adminApi} />}
    </Loaded>
  );
}
