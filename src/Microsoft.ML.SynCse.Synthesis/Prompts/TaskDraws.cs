using System.Globalization;
using Microsoft.ML.SynCse.Core;
using Microsoft.ML.SynCse.Synthesis.Languages;

namespace Microsoft.ML.SynCse.Synthesis.Prompts;

/// <summary>The draws of prompts and exemplars, each a function of (seed, sentence, role, index, attempt).</summary>
internal sealed class TaskDraws(PromptLibrary library, int seed, int exemplars)
{
    private readonly RoleDraws _positive = new(library.Positive), _negative = new(library.Negative);
    private readonly SentenceLanguage _languages = new(library.Positive.Exemplars.Concat(library.Negative.Exemplars)
        .Where(e => e.Language is not null).Select(e => SentenceLanguage.Standard(e.Language!)!));

    /// <summary>Draws for one text.</summary>
    /// <param name="sentence">The sentence; of a group, all of them.</param>
    /// <param name="slot">Which text.</param>
    /// <param name="attempt">Which try, from 0.</param>
    public DrawnTask Draw(string sentence, SynthesisSlot slot, int attempt)
    {
        long key = SeedMixer.Mix(seed, string.Create(CultureInfo.InvariantCulture, $"{slot.RoleName}|{slot.Index}|{attempt}|{sentence}"));
        var role = slot.Role == SynthesisRole.Positive ? _positive : _negative;
        return role.Draw(seed, key, exemplars, exemplars > 0 && role.HasLanguages ? _languages.Of(sentence) : null);
    }

    private sealed class RoleDraws
    {
        private readonly RolePrompts _role;
        private readonly RendezvousDraw _prompts;
        private readonly Pool[] _common;
        private readonly Dictionary<string, Pool[]> _byLanguage;

        public RoleDraws(RolePrompts role)
        {
            _role = role;
            _prompts = new(role.Prompts.Select(p => p.Id));
            _common = Pools(role.Exemplars.Where(e => e.Language is null));
            _byLanguage = role.Exemplars.Where(e => e.Language is not null)
                .GroupBy(e => SentenceLanguage.Standard(e.Language!)!, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, Pools, StringComparer.Ordinal);
        }

        public bool HasLanguages => _byLanguage.Count > 0;

        public DrawnTask Draw(int seed, long key, int exemplars, string? language)
        {
            int prompt = _prompts.Draw(seed, key, 1)[0];
            List<SynthesisExemplar> drawn = [];
            // Those without a language stay the same for every other sentence when some are added for one language.
            if (language is not null && _byLanguage.TryGetValue(language, out var own))
                drawn.AddRange(own[prompt].Draw(seed, key, exemplars));
            if (drawn.Count < exemplars) drawn.AddRange(_common[prompt].Draw(seed, key, exemplars - drawn.Count));
            return new(_role.Prompts[prompt], drawn);
        }

        private Pool[] Pools(IEnumerable<SynthesisExemplar> exemplars)
            => [.. _role.Prompts.Select(prompt => new Pool([.. exemplars.Where(e => Fits(e, prompt))]))];

        private static bool Fits(SynthesisExemplar exemplar, SynthesisPrompt prompt)
            => exemplar.Fits is not { Count: > 0 } || exemplar.Fits.Contains(prompt.Id);
    }

    /// <summary>Exemplars that fit one prompt.</summary>
    private sealed class Pool(SynthesisExemplar[] exemplars)
    {
        private readonly RendezvousDraw _draw = new(exemplars.Select(e => e.Id));

        public IEnumerable<SynthesisExemplar> Draw(int seed, long key, int count) => _draw.Draw(seed, key, count).Select(i => exemplars[i]);
    }
}

/// <summary>What was drawn for a request: a prompt and solved examples that fit it.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Exemplars">The examples, in the order they are shown.</param>
internal sealed record DrawnTask(SynthesisPrompt Prompt, IReadOnlyList<SynthesisExemplar> Exemplars)
{
    /// <summary>What the examples answer.</summary>
    public IReadOnlyList<string> Answers => [.. Exemplars.Select(e => e.Rewrite)];
}

/// <summary>
/// Draws from named things so that each draw depends on seed and key alone, and a thing added or taken away moves only its own share of the
/// draws.
/// </summary>
/// <remarks>
/// Rendezvous (highest random weight) hashing: Thaler and Ravishankar, 1998. Each thing gets a weight from (seed, key, its name); the
/// heaviest are drawn.
/// </remarks>
internal sealed class RendezvousDraw
{
    private readonly long[] _names;

    /// <param name="names">The names, all different.</param>
    public RendezvousDraw(IEnumerable<string> names) => _names = [.. names.Select(name => SeedMixer.Mix(0, name))];

    /// <summary>The places of the things drawn, heaviest first.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="key">What is drawn for.</param>
    /// <param name="count">How many; fewer if there are not so many.</param>
    public int[] Draw(int seed, long key, int count)
    {
        if (count == 1 && _names.Length > 0) return [Heaviest(seed, key)];
        return [.. Enumerable.Range(0, _names.Length).OrderByDescending(i => SeedMixer.Mix(seed, key, _names[i])).Take(count)];
    }

    private int Heaviest(int seed, long key)
    {
        int best = 0;
        long weight = -1;
        for (int i = 0; i < _names.Length; i++)
        {
            long other = SeedMixer.Mix(seed, key, _names[i]);
            if (other > weight) (best, weight) = (i, other);
        }
        return best;
    }
}
