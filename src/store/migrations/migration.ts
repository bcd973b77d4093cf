// The shape of a migration: SQL alone, frozen once released, importing nothing that lives.

export interface Migration {
  /** 1, 2, 3, …: applied in this order, each once. */
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}
