import { Button, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconHistory, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { type StoredGroup, storedRules } from "../../api/stored-rules.ts";
import { Card } from "../../shell/Card.tsx";
import { ConfirmModal } from "../../shell/ConfirmModal.tsx";
import { EditorButton } from "../../shell/EditorButton.tsx";
import { useLeaveGuard } from "../../shell/leave-guard.ts";
import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  contentOf,
  draftProblem,
  emptyDraft,
  groupDraft,
  type GroupDraft,
  newRule,
  type RuleDraft,
} from "./group-draft.ts";
import { HistoryModal } from "./HistoryModal.tsx";
import { PairFields } from "./PairFields.tsx";
import { RuleCard } from "./RuleCard.tsx";
import { SaveModal } from "./SaveModal.tsx";

/** Edits one group: its fields, its rules, and a comparison before it is saved. */
export function GroupEditor({
  namespace,
  stored,
  expr = "",
  onClose,
  onReload,
}: {
  namespace: string;
  /** The group when the editor was opened; undefined for a new group. */
  stored: StoredGroup | undefined;
  /** Expression of the first rule of a new group. */
  expr?: string;
  onClose: () => void;
  /** Loads the group again, after someone else has changed it. */
  onReload: () => void;
}) {
  const [start] = useState(() =>
    stored === undefined ? emptyDraft(namespace, expr) : groupDraft(namespace, stored.content),
  );
  const [draft, setDraft] = useState(start);
  const [dialog, setDialog] = useState<"delete" | "history" | "save">();
  const isDirty = draft !== start && JSON.stringify(contentOf(draft)) !== JSON.stringify(contentOf(start));
  useLeaveGuard(isDirty, "There are unsaved changes of this rule group. Leave the page?");
  const change = (changed: Partial<GroupDraft>): void => setDraft((old) => ({ ...old, ...changed }));
  const changeRules = (next: (rules: readonly RuleDraft[]) => readonly RuleDraft[]): void =>
    setDraft((old) => ({ ...old, rules: next(old.rules) }));
  const problem = draftProblem(draft);
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="xs">
        <Button variant="default" size="sm" onClick={onClose}>
          {isDirty ? "Discard changes" : "Back to the groups"}
        </Button>
        <Group gap="xs">
          {stored !== undefined && (
            <>
              <Button
                variant="default"
                size="sm"
                leftSection={<IconHistory size={15} />}
                onClick={() => setDialog("history")}
              >
                History
              </Button>
              <EditorButton variant="light" color="red" size="sm" onClick={() => setDialog("delete")}>
                Delete
              </EditorButton>
            </>
          )}
          <EditorButton size="sm" disabled={!isDirty || problem !== undefined} onClick={() => setDialog("save")}>
            Review and save
          </EditorButton>
        </Group>
      </Group>
      {isDirty && problem !== undefined && (
        <Text size="sm" c="dimmed" role="status">
          {problem}
        </Text>
      )}
      <GroupFields draft={draft} isNew={stored === undefined} onChange={change} />
      {draft.rules.map((rule, index) => (
        <RuleCard
          key={rule.id}
          number={index + 1}
          group={draft}
          rule={rule}
          onChange={(changed) =>
            changeRules((rules) => rules.map((one) => (one.id === rule.id ? { ...one, ...changed } : one)))
          }
          onMove={(by) => changeRules((rules) => moved(rules, index, by))}
          onRemove={() => changeRules((rules) => rules.filter(({ id }) => id !== rule.id))}
        />
      ))}
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={15} />}
          onClick={() => changeRules((rules) => [...rules, newRule()])}
        >
          Add rule
        </Button>
      </div>
      {dialog === "save" && (
        <SaveModal
          draft={draft}
          before={stored}
          onSaved={onClose}
          onReload={onReload}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === "history" && (
        <HistoryModal
          place={{ namespace, group: stored!.content.name }}
          onRestored={onClose}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === "delete" && (
        <DeleteGroup namespace={namespace} stored={stored!} onDeleted={onClose} onClose={() => setDialog(undefined)} />
      )}
    </Stack>
  );
}

function GroupFields({
  draft,
  isNew,
  onChange,
}: {
  draft: GroupDraft;
  isNew: boolean;
  onChange: (changed: Partial<GroupDraft>) => void;
}) {
  const field = (
    name: "interval" | "limit" | "name" | "namespace" | "queryOffset",
    label: string,
    placeholder: string,
    disabled = false,
  ) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={draft[name]}
      disabled={disabled}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <Card p="md" component="section" aria-label="Group">
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          {field("namespace", "Namespace", "shop", !isNew)}
          {field("name", "Name of the group", "web")}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
          {field("interval", "Interval", "global interval")}
          {field("queryOffset", "Query offset", "global offset")}
          {field("limit", "Limit of alerts or series", "no limit")}
        </SimpleGrid>
        <PairFields
          legend="Labels of all rules"
          item="group label"
          pairs={draft.labels}
          onChange={(labels) => onChange({ labels })}
        />
      </Stack>
    </Card>
  );
}

function DeleteGroup({
  namespace,
  stored,
  onDeleted,
  onClose,
}: {
  namespace: string;
  stored: StoredGroup;
  onDeleted: () => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const { name, rules = [] } = stored.content;
  const [isConfirmed, setConfirmed] = useState(false);
  const remove = useMutation({
    mutationFn: () => storedRules.remove(namespace, name, stored.tag),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["stored rules"] });
      onDeleted();
    },
  });
  if (isConfirmed)
    return remove.isError ? <ErrorMessage error={remove.error} title="The group is not deleted" /> : null;
  return (
    <ConfirmModal
      title={`Delete ${namespace} / ${name}?`}
      action="Delete"
      onConfirm={() => {
        setConfirmed(true);
        remove.mutate();
      }}
      onClose={() => (remove.isIdle && !isConfirmed ? onClose() : undefined)}
    >
      The {rules.length} rules of the group end, and their alerts resolve. The history keeps the group.
    </ConfirmModal>
  );
}

function moved(rules: readonly RuleDraft[], index: number, by: -1 | 1): readonly RuleDraft[] {
  const next = [...rules];
  const [rule] = next.splice(index, 1);
  next.splice(index + by, 0, rule!);
  return next;
}
