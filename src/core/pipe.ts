/** A two-way byte stream with back-pressure. `end` closes our half; `destroy` drops both at once. */
export interface Pipe {
  readonly read: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  destroy(): void;
}
