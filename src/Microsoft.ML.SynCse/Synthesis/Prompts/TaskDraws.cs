using System.Globalization;

namespace Microsoft.ML.SynCse;

/// <summary>The draws of prompts and exemplars, each a function of (seed, sentence, role, index, attempt).</summary>
internal sealed class TaskDraws(PromptLibrary library, int seed, int exemplars)
{
    private readonly RoleDraws _positive = new(library.Positive), _negative = new(library.Negative);

    /// <summary>Draws for one text.</summary>
    /// <param name="sentence">The sentence; of a group, all of them.</param>
    /// <param name="slot">Which text.</param>
    /// <param name="attempt">Which try, from 0.</param>
    public DrawnTask Draw(string sentence, SynthesisSlot slot, int attempt)
    {
        long key = SeedMixer.Mix(seed, string.Create(CultureInfo.InvariantCulture, $"{slot.RoleName}|{slot.Index}|{attempt}|{sentence}"));
        return (slot.Role == SynthesisRole.Positive ? _positive : _negative).Draw(seed, key, exemplars);
    }

    private sealed class RoleDraws
    {
        private readonly RolePrompts _role;
        private readonly RendezvousDraw _prompts;
        private readonly (SynthesisExemplar[] Exemplars, RendezvousDraw Draw)[] _fitting;

        public RoleDraws(RolePrompts role)
        {
            _role = role;
            _prompts = new(role.Prompts.Select(p => p.Id));
            _fitting = [.. role.Prompts.Select(Fitting)];
        }

        public DrawnTask Draw(int seed, long key, int exemplars)
        {
            int prompt = _prompts.Draw(seed, key, 1)[0];
            var (fitting, draw) = _fitting[prompt];
            return new(_role.Prompts[prompt], [.. draw.Draw(seed, key, exemplars).Select(i => fitting[i])]);
        }

        private (SynthesisExemplar[] Exemplars, RendezvousDraw Draw) Fitting(SynthesisPrompt prompt)
        {
            SynthesisExemplar[] fitting = [.. _role.Exemplars.Where(e => e.Fits is not { Count: > 0 } || e.Fits.Contains(prompt.Id))];
            return (fitting, new(fitting.Select(e => e.Id)));
        }
    }
}
