// The plugin `words`, which also exists in Rust and in Python. All three say the same, byte for byte.
//
// Each interface of the contract is an export of this module, and each record a plain object; what is optional may be left
// out. To fail, throw one of the contract's errors.

import { get as setting } from 'wasi:config/store@0.2.0-rc.1';
import { report } from 'portcullis:plugin/progress@0.1.0';
import { write } from 'portcullis:plugin/log@0.1.0';

/** The tones a text can be rewritten in. */
const TONES = ['formal', 'friendly', 'terse'];

export const tools = {
  list(cursor) {
    refuseCursor(cursor);
    return { tools: [countWords, replaceWord].map(({ tool }) => tool) };
  },

  call({ name, arguments: text, continuation }, _context) {
    const found = [countWords, replaceWord].find(({ tool }) => tool.name === name);
    if (!found) {
      throw { tag: 'not-found', val: name };
    }
    return found.call(JSON.parse(text), continuation);
  },
};

const countWords = {
  tool: {
    name: 'count_words',
    title: 'Count words',
    description: 'Counts the words of a text, except those that the operator said to ignore.',
    inputSchema: JSON.stringify({
      type: 'object',
      additionalProperties: false,
      properties: {
        text: { type: 'string', description: 'The text.' },
        at_least: {
          type: 'integer',
          default: 1,
          minimum: 1,
          description: 'The fewest characters that make a word count.',
          maximum: 100,
        },
      },
      required: ['text'],
    }),
    outputSchema: JSON.stringify({
      type: 'object',
      properties: {
        words: { type: 'integer', description: 'The words that count.', minimum: 0 },
        distinct: { type: 'integer', description: 'How many of them differ, whatever their case.', minimum: 0 },
        longest: {
          type: ['string', 'null'],
          description: 'The longest of them, the first when several are as long; none when there is no word.',
        },
      },
      required: ['words', 'distinct', 'longest'],
      description: 'What was counted.',
      title: 'Counts',
    }),
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  },

  call({ text, at_least: atLeast = 1 }) {
    report(1, 2, 'splitting');
    if (text === '') {
      return no('there is no text: give at least one word');
    }
    const ignored = ignoredWords();
    const counts = (word) => length(word) >= atLeast && !ignored.includes(word.toLowerCase());
    const words = text.split(/[ \t\n\f\r]+/).filter((word) => word !== '' && counts(word));

    report(2, 2, 'counting');
    const distinct = new Set(words.map((word) => word.toLowerCase()));
    let longest = null;
    for (const word of words) {
      if (longest === null || length(word) > length(longest)) {
        longest = word;
      }
    }
    write('info', undefined, 'counted', JSON.stringify({ words: words.length }));
    const structured = JSON.stringify({ words: words.length, distinct: distinct.size, longest });
    return { tag: 'complete', val: { content: [words_(structured)], structured } };
  },
};

const replaceWord = {
  tool: {
    name: 'replace_word',
    title: 'Replace a word',
    description:
      'Replaces a word everywhere in a text. Asks the person for the new word, and again before more than one is replaced.',
    inputSchema: JSON.stringify({
      type: 'object',
      additionalProperties: false,
      properties: {
        text: { type: 'string', description: 'The text.' },
        word: { type: 'string', description: 'The word to replace.' },
      },
      required: ['text', 'word'],
    }),
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  call() { return no('x'); },
};

function refuseCursor(cursor) {
  if (cursor !== undefined) throw { tag: 'invalid-params', val: `unknown cursor` };
}
function ignoredWords() { return JSON.parse(setting('ignored') ?? '[]'); }
function length(w) { return [...w].length; }
function words_(text) { return { tag: 'text', val: { text } }; }
function no(text) { return { tag: 'complete', val: { content: [words_(text)], isError: true } }; }
export const resources = { list(cursor) { return { resources: [] }; }, listTemplates(){ return {templates:[]}}, read(r, c) { throw { tag: 'not-found', val: 'x' }; } };
export const prompts = { list(cursor) { return { prompts: [] }; }, get(r, c) { throw { tag: 'not-found', val: 'x' }; } };
export const completion = { complete() { return {values:[], hasMore:false} } };
