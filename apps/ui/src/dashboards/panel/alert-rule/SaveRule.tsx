import { Alert, Anchor, Autocomplete, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { ApiError } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import { storedRulesAt, type StoredNamespace } from "../../../api/stored-rules.ts";
import { ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { proxyUrl } from "../../data/source-proxy.ts";
import { useIsEditor } from "../../../shell/viewer.ts";
import type { GeneratedRule } from "./alert-rule-api.ts";
import { groupWithRule, placeProblem, type RulePlace } from "./rule-group.ts";
import styles from "./AlertRuleDrawer.module.css";

const css = classesOf(styles);

/** The namespace that is offered for rules of panels. */
const USUAL_NAMESPACE = "dashboards";

/** Statuses of a server that does not have the rules API. */
const UNKNOWN_API: readonly number[] = [400, 404, 405];

interface SaveRuleProps {
  readonly made: GeneratedRule;
  /** Whether the rule is that of the last input. */
  readonly isCurrent: boolean;
  readonly source: { readonly uid: string; readonly name: string };
}

/** Stores the rule on the server of the data source, for editors. */
export function SaveRule(props: SaveRuleProps) {
  const isEditor = useIsEditor();
  if (isEditor === undefined) return null;
  if (!isEditor)
    return (
      <Text size="sm" c="dimmed">
        Only editors can save a rule on the server. Ask an administrator for the role of an editor, or download the
        file.
      </Text>
    );
  return <StoredRules {...props} />;
}

function StoredRules({ made, isCurrent, source }: SaveRuleProps) {
  const { uid, name } = source;
  const [api] = useState(() => storedRulesAt(proxyUrl(uid)));
  const client = useQueryClient();
  const queryKey = ["stored rules", uid];
  const result = useQuery({ queryKey, queryFn: ({ signal }) => api.list(signal), retry: false, staleTime: 0 });
  const save = useMutation({
    mutationFn: async ({ place, namespaces }: { place: RulePlace; namespaces: readonly StoredNamespace[] }) => {
      const { content, tag } = groupWithRule(namespaces, place, made.content.rule);
      await api.save(place.namespace, JSON.stringify(content), tag);
      return { ...place, alert: made.content.rule.alert ?? "" };
    },
    onSuccess: () => client.invalidateQueries({ queryKey }),
  });
  if (result.isPending) return <LoadingMessage label="Loading the rules of the server" />;
  if (result.isError) return <NoRulesApi error={result.error} name={name} onRetry={() => void result.refetch()} />;
  const { namespaces } = result.data.data;
  const isConflict = save.error instanceof ApiError && save.error.status === 412;
  return (
    <>
      <PlaceForm
        made={made}
        namespaces={namespaces}
        isCurrent={isCurrent}
        isSaving={save.isPending}
        onSave={(place) => save.mutate({ place, namespaces })}
      />
      {isConflict && (
        <ErrorMessage
          error={new Error("Nothing is saved. Load the group again, then save the rule.")}
          title="Someone else has changed this group"
          retry="Load again"
          onRetry={() => {
            save.reset();
            void result.refetch();
          }}
        />
      )}
      {save.isError && !isConflict && <ErrorMessage error={save.error} title="The rule is not saved" />}
      {save.isSuccess && <SavedMessage saved={save.data} source={source} />}
    </>
  );
}

/** Says that the server of the data source cannot store rules. */
function NoRulesApi({ error, name, onRetry }: { error: unknown; name: string; onRetry: () => void }) {
  if (error instanceof ApiError && error.type === "unavailable")
    return (
      <Text size="sm">
        The server of “{name}” does not store rules. Start the server with <code>--rules.api.path=FOLDER</code>, or
        download the file.
      </Text>
    );
  if (error instanceof ApiError && UNKNOWN_API.includes(error.status))
    return <Text size="sm">The server of “{name}” has no API that stores rules here. Download the file.</Text>;
  return <ErrorMessage error={error} title="The rules of the server cannot be loaded" onRetry={onRetry} />;
}

function PlaceForm({
  made,
  namespaces,
  isCurrent,
  isSaving,
  onSave,
}: {
  made: GeneratedRule;
  namespaces: readonly StoredNamespace[];
  isCurrent: boolean;
  isSaving: boolean;
  onSave: (place: RulePlace) => void;
}) {
  const { group: usualGroup, rule } = made.content;
  const [namespace, setNamespace] = useState(USUAL_NAMESPACE);
  const [group, setGroup] = useState(usualGroup);
  const place = { namespace: namespace.trim(), group: group.trim() };
  const problem = placeProblem(place);
  const { tag, isReplaced } = groupWithRule(namespaces, place, rule);
  const groups = namespaces.find(({ name }) => name === place.namespace)?.groups ?? [];
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (problem === undefined && isCurrent) onSave(place);
  };
  return (
    <Stack component="form" gap="sm" onSubmit={submit}>
      <div className={css("form")}>
        <Autocomplete
          label="Namespace"
          description="A rule file of the server"
          data={namespaces.map(({ name }) => name)}
          value={namespace}
          onChange={setNamespace}
        />
        <Autocomplete
          label="Group"
          description="Rules that are evaluated together"
          data={groups.map(({ content }) => content.name)}
          value={group}
          onChange={setGroup}
        />
      </div>
      <Group gap="sm">
        <Button size="xs" type="submit" loading={isSaving} disabled={problem !== undefined || !isCurrent}>
          Save rule
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {problem ?? placeText(tag !== null, isReplaced)}
        </Text>
      </Group>
    </Stack>
  );
}

function placeText(exists: boolean, isReplaced: boolean): string {
  if (isReplaced) return "Replaces the alert of the same name and severity in this group.";
  return exists ? "Adds the rule to this group." : "Creates this group.";
}

/** Names the place of the saved rule, with links to the pages that show the rule. */
function SavedMessage({
  saved: { namespace, group, alert },
  source: { uid, name },
}: {
  saved: RulePlace & { readonly alert: string };
  source: SaveRuleProps["source"];
}) {
  const pages = `${rootPath}/sources/${encodeURIComponent(uid)}`;
  const search = new URLSearchParams({ search: alert });
  return (
    <Alert color="green" variant="light" title="The rule is saved" role="status">
      <Text size="sm" className="wrap-anywhere">
        The server of “{name}” evaluates {alert} from now on, in the group {group} of the namespace {namespace}.
      </Text>
      <Group gap="md" mt={4}>
        <Anchor size="sm" href={`${pages}/alerts?${search}`}>
          Show the alert
        </Anchor>
        <Anchor size="sm" href={`${pages}/edit-rules?${search}`}>
          Edit rules
        </Anchor>
      </Group>
    </Alert>
  );
}
