import { Alert, Button, Group, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { IconHistory, IconInfoCircle, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { ApiError } from "../../api/request.ts";
import { type StoredGroup, type StoredNamespace, storedRules } from "../../api/stored-rules.ts";
import { Card, CardHead } from "../../shell/Card.tsx";
import { EditorButton } from "../../shell/EditorButton.tsx";
import { Loaded } from "../../shell/Loaded.tsx";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { SearchInput } from "../../shell/SearchInput.tsx";
import { EmptyMessage } from "../../shell/StatusMessage.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { useUrlText } from "../../shell/url-state.ts";
import styles from "./edit.module.css";
import { AlertFile } from "./AlertFile.tsx";
import { GroupEditor } from "./GroupEditor.tsx";
import { HistoryModal } from "./HistoryModal.tsx";

const css = classesOf(styles);

/** The group in the editor; `stored` is undefined for a new group. */
interface Opened {
  readonly namespace: string;
  readonly stored: StoredGroup | undefined;
}

const countText = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

function NamespaceCard({
  namespace: { name, groups, problems },
  search,
  onOpen,
}: {
  namespace: StoredNamespace;
  search: string;
  onOpen: (stored: StoredGroup | undefined) => void;
}) {
  const shown = groups.filter(({ content, yaml }) => `${name} ${content.name} ${yaml}`.toLowerCase().includes(search));
  if (shown.length === 0 && search !== "") return null;
  return (
    <Card component="section" aria-label={`Namespace ${name}`}>
      <CardHead gap="xs">
        <Title order={2} size="h5" className="wrap-anywhere">
          {name}
        </Title>
        {problems.length === 0 && (
          <EditorButton
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            aria-label={`Add group to ${name}`}
            onClick={() => onOpen(undefined)}
          >
            Add group
          </EditorButton>
        )}
      </CardHead>
      {problems.map((problem) => (
        <Alert key={problem} color="red" variant="light" className="wrap-anywhere">
          {problem}
        </Alert>
      ))}
      {shown.map((stored) => {
        const { name: group, interval, rules = [] } = stored.content;
        return (
          <UnstyledButton key={group} className={css("group")} onClick={() => onOpen(stored)}>
            <Group gap="sm">
              <Text size="sm" fw={600} className="wrap-anywhere">
                {group}
              </Text>
              <Text size="xs" c="dimmed">
                {countText(rules.length, "rule")}
                {interval === undefined ? "" : `, every ${interval}`}
              </Text>
            </Group>
            <Text size="xs" c="dimmed" lineClamp={1}>
              {rules.map(({ alert, record }) => alert ?? record).join(", ")}
            </Text>
          </UnstyledButton>
        );
      })}
    </Card>
  );
}

function Namespaces({
  namespaces,
  onOpen,
}: {
  namespaces: readonly StoredNamespace[];
  onOpen: (opened: Opened) => void;
}) {
  const [search, setSearch] = useUrlText("search");
  const [isHistory, setHistory] = useState(false);
  return (
    <Stack gap="md">
      <Group gap="sm">
        <SearchInput label="Filter by name or expression" value={search} onChange={setSearch} />
        <EditorButton leftSection={<IconPlus size={15} />} onClick={() => onOpen({ namespace: "", stored: undefined })}>
          New group
        </EditorButton>
        <Button variant="default" leftSection={<IconHistory size={15} />} onClick={() => setHistory(true)}>
          History
        </Button>
      </Group>
      {namespaces.length === 0 && (
        <EmptyMessage title="No stored rules">
          Groups of rule files are on the page Rule health. Groups that you add here are stored by this server.
        </EmptyMessage>
      )}
      {namespaces.map((namespace) => (
        <NamespaceCard
          key={namespace.name}
          namespace={namespace}
          search={search.toLowerCase()}
          onOpen={(stored) => onOpen({ namespace: namespace.name, stored })}
        />
      ))}
      {isHistory && <HistoryModal place={{}} onRestored={() => setHistory(false)} onClose={() => setHistory(false)} />}
    </Stack>
  );
}

/** The page that edits the rule groups of the rules API. */
export default function EditRulesPage() {
  const [params, setParams] = useSearchParams();
  const expr = params.get("expr") ?? "";
  const [opened, setOpened] = useState<Opened | undefined>(
    expr === "" ? undefined : { namespace: "", stored: undefined },
  );
  const result = useQuery({
    queryKey: ["stored rules"],
    queryFn: ({ signal }) => storedRules.list(signal),
    retry: false,
    staleTime: 0,
  });
  const isOff = result.error instanceof ApiError && result.error.type === "unavailable";
  if (isOff) {
    return (
      <>
        <PageHeader title="Edit rules" />
        <Alert color="blue" variant="light" icon={<IconInfoCircle size={18} />} title="The rules API is off">
          Start the server with <code>--rules.api.path=FOLDER</code> to store rule groups that you edit here, or with
          mimirtool, cortextool and Grafana.
        </Alert>
        {expr !== "" && <AlertFile expr={expr} />}
      </>
    );
  }
  if (opened !== undefined) {
    const { namespace, stored } = opened;
    const reload = async (): Promise<void> => {
      const fresh = (await result.refetch()).data?.data.namespaces.find(({ name }) => name === namespace);
      const again = fresh?.groups.find(({ content }) => content.name === stored?.content.name);
      setOpened(again === undefined ? undefined : { namespace, stored: again });
    };
    return (
      <>
        <PageHeader title={stored === undefined ? "New rule group" : `${namespace} / ${stored.content.name}`} />
        <GroupEditor
          key={stored?.tag ?? "new"}
          namespace={namespace}
          stored={stored}
          expr={expr}
          onClose={() => {
            setOpened(undefined);
            if (expr !== "") setParams({}, { replace: true });
          }}
          onReload={() => void reload()}
        />
      </>
    );
  }
  return (
    <>
      <PageHeader title="Edit rules" />
      <Loaded result={result} label="Loading rules">
        {({ namespaces }) => <Namespaces namespaces={namespaces} onOpen={setOpened} />}
      </Loaded>
    </>
  );
}
