// The plugin `words`, which also exists in Rust and in Python. All three say the same, byte for byte.
//
// Each interface of the contract is an export of this module, and each record a plain object. What is optional may be left
// out, and so may a boolean that is false. To fail, throw one of the contract's errors: anything else that is thrown is a
// crash.

import { write as log } from 'portcullis:plugin/log@0.1.0';
import { report } from 'portcullis:plugin/progress@0.1.0';
import { get as setting } from 'wasi:config/store@0.2.0-rc.1';

/** The tones a text can be rewritten in. */
const TONES = ['formal', 'friendly', 'terse'];

const COUNT_WORDS = {
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
};

const REPLACE_WORD = {
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
};

export const tools = {
  list(cursor) {
    refuseCursor(cursor);
    return { tools: [COUNT_WORDS, REPLACE_WORD] };
  },

  call({ name, arguments: text, continuation }) {
    // The host checked the arguments against the schema.
    const args = JSON.parse(text);
    switch (name) {
      case 'count_words':
        return countWords(args.text, args.at_least ?? 1);
      case 'replace_word':
        return replaceWord(args.text, args.word, continuation);
      default:
        throw { tag: 'not-found', val: name };
    }
  },
};

/** Counts the words of a text. */
function countWords(text, atLeast) {
  report(1, 2, 'splitting');
  if (text === '') {
    return no('there is no text: give at least one word');
  }
  const ignored = ignoredWords();
  // The white space of ASCII: each language has its own idea of all the rest.
  const words = text
    .split(/[ \t\n\f\r]+/)
    .filter((word) => length(word) >= atLeast && !ignored.includes(word.toLowerCase()));

  report(2, 2, 'counting');
  let longest = null;
  for (const word of words) {
    if (longest === null || length(word) > length(longest)) {
      longest = word;
    }
  }
  const distinct = new Set(words.map((word) => word.toLowerCase())).size;
  log('info', undefined, 'counted', JSON.stringify({ words: words.length }));
  const structured = JSON.stringify({ words: words.length, distinct, longest });
  return { tag: 'complete', val: { content: [textBlock(structured)], structured } };
}

/** Replaces a word. It comes again, in a fresh instance, with what the person said. */
function replaceWord(text, word, { responses, state }) {
  const words = text.split(' ');
  const found = words.filter((it) => it === word).length;
  if (found === 0) {
    return no(`there is no \`${word}\` in the text`);
  }
  const replace = (replacement) => yes(words.map((it) => (it === word ? replacement : it)).join(' '));

  const { replacement: response, consent } = Object.fromEntries(responses);
  // The second round's response is in, so the state holds what the first one brought.
  if (consent) {
    if (consent.tag !== 'accepted' || !JSON.parse(consent.val).all) {
      return no('nothing was replaced');
    }
    return replace(new TextDecoder().decode(state));
  }
  if (!response) {
    const schema = {
      type: 'object',
      properties: { replacement: { type: 'string', description: 'The new word.' } },
      required: ['replacement'],
      title: 'Replacement',
    };
    return ask('replacement', `What shall stand in place of \`${word}\`?`, schema);
  }
  if (response.tag !== 'accepted') {
    return no('nothing was replaced');
  }
  const { replacement } = JSON.parse(response.val);
  if (found === 1) {
    return replace(replacement);
  }
  const schema = {
    type: 'object',
    properties: { all: { type: 'boolean', description: 'Whether to replace all of them.' } },
    required: ['all'],
    title: 'Consent',
  };
  return ask('consent', `Replace all ${found}?`, schema, new TextEncoder().encode(replacement));
}

export const resources = {
  list(cursor) {
    refuseCursor(cursor);
    const ignored = {
      uri: 'words://ignored',
      name: 'ignored',
      title: 'Ignored words',
      description: 'The words that are not counted, one on each line.',
      mimeType: 'text/plain',
    };
    return { resources: [ignored] };
  },

  listTemplates(cursor) {
    refuseCursor(cursor);
    return { templates: [] };
  },

  read({ uri }) {
    if (uri !== 'words://ignored') {
      throw { tag: 'not-found', val: uri };
    }
    const body = { tag: 'text', val: ignoredWords().join('\n') };
    return { tag: 'complete', val: { contents: [{ uri, mimeType: 'text/plain', body }] } };
  },
};

export const prompts = {
  list(cursor) {
    refuseCursor(cursor);
    const rewrite = {
      name: 'rewrite',
      title: 'Rewrite a text',
      description: 'Asks for a text in another tone.',
      arguments: [
        { name: 'text', description: 'The text.', required: true },
        { name: 'tone', description: 'How it shall sound; friendly when left out.' },
      ],
    };
    return { prompts: [rewrite] };
  },

  get({ name, arguments: given }) {
    if (name !== 'rewrite') {
      throw { tag: 'not-found', val: name };
    }
    const { text, tone = 'friendly', ...unknown } = Object.fromEntries(given);
    for (const argument in unknown) {
      throw { tag: 'invalid-params', val: `unknown argument \`${argument}\`` };
    }
    if (!TONES.includes(tone)) {
      throw { tag: 'invalid-params', val: `there is no tone \`${tone}\`` };
    }
    const content = textBlock(`Rewrite this text so that it sounds ${tone}:\n\n${text}`);
    return { tag: 'complete', val: { messages: [{ role: 'user', content }] } };
  },
};

export const completion = {
  complete({ reference, argument, value }) {
    if (reference.tag !== 'prompt' || reference.val !== 'rewrite' || argument !== 'tone') {
      throw { tag: 'not-found', val: argument };
    }
    return { values: TONES.filter((tone) => tone.startsWith(value)) };
  },
};

/** Ends the round with a form. */
function ask(key, message, schema, state) {
  const question = { tag: 'elicit-form', val: { message, schema: JSON.stringify(schema) } };
  return { tag: 'input-required', val: { requests: [[key, question]], state } };
}

/** An answer in words. */
function yes(text) {
  return { tag: 'complete', val: { content: [textBlock(text)] } };
}

/** A "no" that the model can act on. */
function no(text) {
  return { tag: 'complete', val: { content: [textBlock(text)], isError: true } };
}

function textBlock(text) {
  return { tag: 'text', val: { text } };
}

/** The setting `ignored`, which the manifest gives a default. */
function ignoredWords() {
  return JSON.parse(setting('ignored') ?? '[]');
}

/** Everything is on the first page. */
function refuseCursor(cursor) {
  if (cursor !== undefined) {
    throw { tag: 'invalid-params', val: `unknown cursor \`${cursor}\`` };
  }
}

/** Characters, and not the UTF-16 units that `length` counts. */
function length(word) {
  return [...word].length;
}
