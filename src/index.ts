// The node as a library: what the bare package name gives.
export { type Config, ConfigError, readConfig } from './config.ts';
export { type Node, startNode } from './node.ts';
