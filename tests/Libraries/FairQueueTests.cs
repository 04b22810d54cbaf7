using KvAspire.FairQueue;

namespace KvAspire.Libraries.Tests;

public sealed class FairQueueTests
{
    [Fact]
    public void Clients_take_turns_and_each_line_keeps_its_order()
    {
        var queue = Queue(capacity: 10, "a1", "a2", "a3", "b1", "b2", "c1");
        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3"], Drain(queue));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void A_client_that_comes_back_waits_for_the_others_turns()
    {
        var queue = Queue(capacity: 10, "a1", "b1");
        Assert.True(queue.TryDequeue(out var first));
        queue.Enqueue("a", "a2");
        Assert.Equal(["a1", "b1", "a2"], [first, .. Drain(queue)]);
    }

    [Fact]
    public void The_queue_is_full_at_its_capacity_and_a_line_at_its_own()
    {
        var queue = new FairQueue<string>(capacity: 3, lineCapacity: 2);
        queue.Enqueue("a", "a1");
        Assert.False(queue.IsFullFor("a"));
        queue.Enqueue("a", "a2");
        Assert.True(queue.IsFullFor("a"));
        Assert.False(queue.IsFullFor("b"));
        queue.Enqueue("b", "b1");
        Assert.True(queue.IsFullFor("b"));
        Assert.True(queue.IsFullFor("c"));

        Assert.True(queue.TryDequeue(out _));
        Assert.False(queue.IsFullFor("a"));
    }

    [Fact]
    public void The_last_of_the_longest_line_makes_room_for_a_shorter_line()
    {
        var queue = Queue(capacity: 5, "a1", "b1", "b2", "b3", "a2");
        Assert.True(queue.TryDisplaceFor("c", out var displaced));
        Assert.Equal("b3", displaced);
        Assert.Equal(["a1", "b1", "a2", "b2"], Drain(queue));
    }

    [Theory]
    [InlineData("b")] // its own line is the longest
    [InlineData("a")] // its line would become as long as the longest was
    public void A_line_that_would_be_as_long_displaces_nothing(string client)
    {
        var queue = Queue(capacity: 3, "a1", "b1", "b2");
        Assert.False(queue.TryDisplaceFor(client, out _));
        Assert.Equal(3, queue.Count);
    }

    [Fact]
    public void An_empty_queue_displaces_nothing()
    {
        var queue = new FairQueue<string>(capacity: 0);
        Assert.True(queue.IsFullFor("a"));
        Assert.False(queue.TryDisplaceFor("a", out _));
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public void A_removed_item_loses_its_place_and_an_emptied_line_its_turn()
    {
        var queue = Queue(capacity: 10, "a1", "b1", "b2", "c1");
        Assert.True(queue.Remove("a", "a1"));
        Assert.False(queue.Remove("a", "a1"));
        Assert.False(queue.Remove("b", "c1"));
        Assert.True(queue.Remove("b", "b1"));
        queue.Enqueue("a", "a2");
        Assert.Equal(["b2", "c1", "a2"], Drain(queue));
    }

    [Fact]
    public void All_matching_items_are_removed_from_all_lines()
    {
        var queue = Queue(capacity: 10, "a1", "a2", "b1", "c2", "c1");
        Assert.Equal(["a1", "b1", "c1"], queue.RemoveAll(item => item.EndsWith('1')).Order(StringComparer.Ordinal));
        Assert.Equal(2, queue.Count);
        Assert.Equal(["a2", "c2"], Drain(queue));
    }

    private static FairQueue<string> Queue(int capacity, params string[] items)
    {
        var queue = new FairQueue<string>(capacity);
        foreach (var item in items)
            queue.Enqueue(item[..1], item);
        return queue;
    }

    private static List<string> Drain(FairQueue<string> queue)
    {
        var items = new List<string>();
        while (queue.TryDequeue(out var item))
            items.Add(item);
        return items;
    }
}
