using System.Text;

namespace Microsoft.ML.SynCse.Core.Files;

/// <summary>Lets a decoder go on over bytes that are none of its encoding, keeps the first, and marks the place in the text.</summary>
internal sealed class UndecodableBytes : DecoderFallback
{
    /// <summary>Stands in the text for bytes that have no meaning; a noncharacter, which texts do not hold.</summary>
    public const char Mark = '\uFFFF';

    /// <summary>The first such byte; null: there was none.</summary>
    public byte? First { get; private set; }

    /// <inheritdoc/>
    public override int MaxCharCount => 1;

    /// <inheritdoc/>
    public override DecoderFallbackBuffer CreateFallbackBuffer() => new Marks(this);

    private sealed class Marks(UndecodableBytes owner) : DecoderFallbackBuffer
    {
        private bool _given = true;

        public override int Remaining => _given ? 0 : 1;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            owner.First ??= bytesUnknown.Length > 0 ? bytesUnknown[0] : (byte)0;
            _given = false;
            return true;
        }

        public override char GetNextChar()
        {
            if (_given) return '\0';
            _given = true;
            return Mark;
        }

        public override bool MovePrevious()
        {
            if (!_given) return false;
            _given = false;
            return true;
        }

        public override void Reset() => _given = true;
    }
}
