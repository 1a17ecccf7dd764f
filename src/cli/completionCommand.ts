import { type CommandDescription, describeCommand, type OptionDescription, optionsOf, refuse } from "./command.js";
import { commands, loadCommands } from "./commands.js";

const shells = ["bash", "zsh"] as const;

export const completionCommand = describeCommand({
	about:
		"The script that completes commands, options and their choices: for bash in ~/.bashrc, source <(sustainable-ipa completion bash); for zsh in ~/.zshrc, after compinit, source <(sustainable-ipa completion zsh).",
	examples: ["bash", "zsh"],
	args: [{ name: "SHELL", about: shells.join(" or ") }],
	options: {},
	run: async ({ args: [shell] }) => {
		if (shell !== "bash" && shell !== "zsh") return refuse("SHELL", `must be one of ${shells.join(", ")}`, shell);
		const all = await loadCommands();
		process.stdout.write(shell === "bash" ? bash(all) : zsh(all));
		return 0;
	},
});

type Commands = readonly (readonly [string, CommandDescription])[];

/** The cases of a shell's `case "COMMAND PREVIOUS"`: after an option with a value, its choices, or a file. */
function valueCases(all: Commands, choices: (words: readonly string[]) => string, file: string): string {
	const cases = all.flatMap(([name, command]) =>
		Object.entries(optionsOf(command)).flatMap(([option, own]: readonly [string, OptionDescription]) => {
			if (own.value === undefined) return [];
			return [`    '${name} --${option}') ${own.choices === undefined ? file : choices(own.choices)} ;;`];
		}),
	);
	const first = [
		["completion", shells],
		["help", Object.keys(commands)],
		["init", ["csv", "pipeline", "plan", "trace", "baseline"]],
	] as const;
	return [...cases, ...first.map(([name, words]) => `    '${name} ${name}') ${choices(words)} ;;`)].join("\n");
}

function bash(all: Commands): string {
	const options = all.map(
		([name, command]) =>
			`    ${name}) words='${Object.keys(optionsOf(command))
				.map((option) => `--${option}`)
				.join(" ")}' ;;`,
	);
	return `_sustainable_ipa() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words=''
  COMPREPLY=()
  [ "$COMP_CWORD" -gt 1 ] && case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in
${valueCases(all, (words) => `COMPREPLY=($(compgen -W '${words.join(" ")}' -- "$current")); return`, "return")}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words='${Object.keys(commands).join(" ")} --help --version'
  elif [[ "$current" == -* ]]; then case "\${COMP_WORDS[1]}" in
${options.join("\n")}
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _sustainable_ipa sustainable-ipa
`;
}

function zsh(all: Commands): string {
	const described = (name: string, about: string) =>
		`'${`${name.replaceAll(":", "\\:")}:${about}`.replaceAll("'", "'\\''")}'`;
	const options = all.map(
		([name, command]) =>
			`    ${name}) words_of=(${Object.entries(optionsOf(command))
				.map(([option, { about }]) => described(`--${option}`, about))
				.join(" ")}) ;;`,
	);
	return `#compdef sustainable-ipa
_sustainable_ipa() {
  local -a words_of
  if (( CURRENT == 2 )); then
    words_of=(${Object.entries(commands)
			.map(([name, about]) => described(name, about))
			.join(" ")})
    _describe command words_of
    return
  fi
  case "$words[2] $words[CURRENT-1]" in
${valueCases(all, (words) => `compadd -- ${words.join(" ")}; return`, "_files; return")}
  esac
  if [[ "$words[CURRENT]" == -* ]]; then
    case "$words[2]" in
${options.join("\n")}
    esac
    _describe option words_of
  else
    _files
  fi
}
if [ "$funcstack[1]" = "_sustainable_ipa" ]; then _sustainable_ipa "$@"; else compdef _sustainable_ipa sustainable-ipa; fi
`;
}
