import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { receiverSetup, type OpenSetup, type ReceiverSetup, type StoredReceiver } from "../../api/receiver-setup.ts";
import { ApiError } from "../../api/request.ts";
import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { ManualLines } from "./ManualLines.tsx";
import { changeOf, draftOf, missingFields, type ReceiverDraft } from "./receiver-draft.ts";
import { ReceiverFields } from "./ReceiverFields.tsx";
import { useReloadSetup, useSetupChange } from "./setup-query.ts";
import { TestResults } from "./TestResults.tsx";

interface ModalProps {
  /** Name of the receiver; undefined for a new one. */
  readonly name: string | undefined;
  /** State of the file when the form is opened. */
  readonly setup: ReceiverSetup;
  /** Whether alerts lead to no notification, so that a new receiver should become the default one. */
  readonly notifiesNobody: boolean;
  readonly onClose: () => void;
}

/** Returns the receiver of the file with a name. */
const storedIn = (setup: ReceiverSetup, name: string | undefined): StoredReceiver | undefined =>
  setup.isOn ? setup.receivers.find((receiver) => receiver.name === name) : undefined;

/** Returns the receiver of the root route. */
const defaultIn = (setup: ReceiverSetup): StoredReceiver | undefined =>
  setup.isOn ? setup.receivers.find((receiver) => receiver.isDefault) : undefined;

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Buttons that test and save a draft, with their results. */
function Actions({
  draft,
  stored,
  setup,
  isGone,
  onReload,
  onClose,
}: {
  draft: ReceiverDraft;
  /** The receiver that the draft changes; undefined for a new one. */
  stored: StoredReceiver | undefined;
  setup: OpenSetup;
  /** Whether the receiver of the form is no longer in the file. */
  isGone: boolean;
  /** Called with the new state of the file, after the user has loaded it again. */
  onReload: (setup: ReceiverSetup) => void;
  onClose: () => void;
}) {
  const isNew = stored === undefined;
  const hasSecret = stored?.form?.kind === draft.kind && stored.form.hasSecret;
  const missing = missingFields(draft, setup.inherited, hasSecret);
  const isTaken = isNew && storedIn(setup, draft.name.trim()) !== undefined;
  const test = useMutation({ mutationFn: () => receiverSetup.test(changeOf(draft)) });
  const save = useSetupChange(onClose);
  const reload = useReloadSetup((loaded) => {
    save.reset();
    onReload(loaded);
  });
  const status = save.error instanceof ApiError ? save.error.status : 0;
  const isConflict = status === 412;
  const isReady = missing.length === 0 && !isTaken && !isGone;
  return (
    <>
      {test.isError && <ErrorMessage error={test.error} title="The test was not sent" />}
      {test.data !== undefined && !test.isPending && <TestResults results={test.data.results} />}
      {save.isError && (
        <ErrorMessage error={save.error} title={status < 500 ? "Nothing is saved" : "The change has failed"} />
      )}
      {reload.isError && <ErrorMessage error={reload.error} title="The file is not loaded" />}
      {missing.length > 0 && (
        <Text size="xs" c="dimmed">
          Still empty: {missing.join(", ")}
        </Text>
      )}
      {isTaken && (
        <Text size="xs" c="var(--mantine-color-error)" role="status">
          A receiver has this name.
        </Text>
      )}
      <Group justify="flex-end">
        {isConflict && (
          <Button variant="default" loading={reload.isPending} onClick={() => reload.mutate()}>
            Load the file again
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<IconSend size={14} aria-hidden />}
          disabled={!isReady}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          Send a test
        </Button>
        <Button
          type="submit"
          disabled={!isReady}
          loading={save.isPending}
          onClick={() => save.mutate(() => receiverSetup.save(changeOf(draft), setup.tag, isNew))}
        >
          Save
        </Button>
      </Group>
    </>
  );
}

/** The form of a receiver. If pages may not change the file, the form shows the lines to write into it. */
export default function ReceiverModal({ name, setup: first, notifiesNobody, onClose }: ModalProps) {
  // The file to which the draft belongs. The page may load a newer one, but its tag must not be sent with this draft.
  const [setup, setSetup] = useState(first);
  const stored = storedIn(setup, name);
  const startOf = (from: StoredReceiver | undefined): ReceiverDraft => ({
    ...draftOf(from, notifiesNobody),
    ...(name !== undefined && { name }),
  });
  // The draft before the user changed it.
  const [start, setStart] = useState(() => startOf(stored));
  const [draft, setDraft] = useState(start);
  const [isReplaced, setReplaced] = useState(false);
  // Whether another administrator has deleted the receiver. To save the draft would bring it back without its secret.
  const isGone = name !== undefined && setup.isOn && stored === undefined;
  // If the receiver in the file has changed, its values replace the draft. To save the draft would undo the change.
  const replace = (loaded: ReceiverSetup): void => {
    setSetup(loaded);
    const now = storedIn(loaded, name);
    const next = now === undefined ? start : startOf(now);
    const hasChanged = !isEqual(next, start);
    setReplaced(hasChanged);
    if (hasChanged) {
      setStart(next);
      setDraft(next);
    } else if (name === undefined && !isEqual(defaultIn(loaded), defaultIn(setup)))
      setDraft((before) => ({ ...before, isDefault: false }));
  };
  // The button saves, also if the user presses Enter in a field. The browser must not load another page.
  const submit = (event: SyntheticEvent): void => event.preventDefault();
  return (
    <Modal opened onClose={onClose} size="lg" title={name === undefined ? "New receiver" : `Receiver ${name}`}>
      <form noValidate onSubmit={submit} aria-label="Receiver">
        <Stack gap="sm">
          <ReceiverFields
            draft={draft}
            stored={stored}
            inherited={setup.isOn ? setup.inherited : {}}
            asksSecret={setup.isOn}
            onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
          />
          {isGone && (
            <Text size="sm" role="status">
              This receiver is no longer in the file.
            </Text>
          )}
          {isReplaced && (
            <Text size="sm" role="status">
              This receiver has changed in the file. The form shows the file as it is now.
            </Text>
          )}
          {setup.isOn ? (
            <Actions draft={draft} stored={stored} setup={setup} isGone={isGone} onReload={replace} onClose={onClose} />
          ) : (
            <ManualLines draft={draft} setup={setup} />
          )}
        </Stack>
      </form>
    </Modal>
  );
}
