import type { ConditionalStore } from "@narthex/store";
import { Documents } from "../../state/documents.ts";
import { badRequest, refusal } from "../../web/refusal.ts";
import { ORG } from "../users/profile-view.ts";

export const ADDRESS_PARTS = ["address1", "address2", "city", "zipCode", "state", "country"] as const;
export type Address = Readonly<Record<(typeof ADDRESS_PARTS)[number], string>>;

/** The stored properties of the organization. A property is absent until it is changed. */
interface OrganizationRecord {
  readonly name?: string;
  readonly address?: Address;
}

const NO_ADDRESS: Address = { address1: "", address2: "", city: "", zipCode: "", state: "", country: "" };
const KEY = String(ORG.id);
/** Maximum length of the name and of each part of the postal address, in characters. */
const MAX_TEXT = 255;

/** The only organization, with its name and postal address. All users and teams belong to it. */
export class Organization {
  readonly #documents: Documents<OrganizationRecord>;

  private constructor(documents: Documents<OrganizationRecord>) {
    this.#documents = documents;
  }

  static async open(store: ConditionalStore): Promise<Organization> {
    return new Organization(await Documents.open<OrganizationRecord>(store, "organization"));
  }

  get name(): string {
    return this.#documents.get(KEY)?.name ?? ORG.name;
  }

  /** The id and the name, as lists contain them. */
  get summary(): { readonly id: number; readonly name: string } {
    return { id: ORG.id, name: this.name };
  }

  get details(): object {
    return { ...this.summary, address: this.#documents.get(KEY)?.address ?? NO_ADDRESS };
  }

  /** Changes the organization's name. Rejects with a refusal if the name is empty or too long, or with StoreError. */
  async rename(name: string): Promise<void> {
    if (name.trim() === "") throw badRequest();
    checkLength(name);
    await this.#documents.update(KEY, (known) => ({ ...known, name }));
  }

  /** Replaces the organization's postal address. Rejects with a refusal if a part is too long, or with StoreError. */
  async setAddress(address: Address): Promise<void> {
    for (const part of Object.values(address)) checkLength(part);
    await this.#documents.update(KEY, (known) => ({ ...known, address }));
  }
}

function checkLength(text: string): void {
  if (text.length > MAX_TEXT)
    throw refusal(400, `name and address of the organization can have at most ${MAX_TEXT} characters`);
}
